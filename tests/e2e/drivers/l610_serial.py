# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610, C++ on termios: a thread splits lines, the first final one counts.

It ends a command also at the result of the one before, so that it pipelines.
What a read() cuts is put together.  Escapes quotes and backslashes.  A publish
that is refused three times makes its node open again.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp

FINAL = (b"OK", b"ERROR", b"+MQTTPUB:")
GOOD = (b"OK", b"+MQTTPUB:")


class L610Serial(Driver):

    def start(self):
        # for what no module knows it takes an ERROR
        for line in b"AT", b"ATE0", b"AT+MQTTDISC=1", b"AT+MIPCALL=1":
            self.send(line)
        self.connect()

    def send(self, line, seconds=5):
        """The lines up to the one that seems to be its end."""
        self.uart.clear()
        self.uart.send(line + b"\r\n")
        lines = []
        while not lines or not any(word in lines[-1] for word in FINAL):
            got = self.line(seconds * SLOW)
            if got is None:
                break
            lines += [got] if got else []
        return lines

    def send_with_retry(self, line):
        for _ in range(3):
            lines = self.send(line)
            if any(word in got for word in GOOD for got in lines):
                return lines
            time.sleep(0.5)
        return []

    def connect(self):
        self.send(b"AT+MQTTCLOSE=1")
        self.send(b'AT+MQTTUSER=1,"user","pass","serial-1"')
        if not self.send_with_retry(
                b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60'):
            raise GaveUp("it did not open")
        self.line_with(b"+MQTTOPEN: 1,1", 10 * SLOW)
        self.send_with_retry(b'AT+MQTTSUB=1,"%s",1' % self.world.inbox)
        self.line_with(b"+MQTTSUB: 1,1", 10 * SLOW)

    def publish(self, payload):
        text = payload.replace(b"\\", rb"\\").replace(b'"', rb'\"')
        return self.send_with_retry(
            b'AT+MQTTPUB=1,"%s",1,0,"%s"' % (self.world.topic, text))

    def work(self):
        for payload in (self.payload(), rb'{"s":"a \"b\" \\ c"}',
                        *(self.payload() for _ in range(10))):
            assert self.publish(payload)
            self.world.arrived(payload, 1)
        payload = self.payload()
        self.world.send(payload, 1)
        line = self.line_with(b"+MQTTMSG: ", 5 * SLOW)
        assert line == b'+MQTTMSG: 1,1,"%s","%s"' % (self.world.inbox, payload)

    def recover(self):
        payload = self.payload()
        while not self.publish(payload):
            self.connect()
        assert self.world.arrives(payload, 20)


DRIVER = L610Serial
