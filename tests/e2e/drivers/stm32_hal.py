# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610, C on STM32's HAL: lines, TLS, escapes, commands that no module knows.

Any line with "ERROR" in it fails what it waits for.  Of a publish with QoS 0
it takes OK as the end and sends the next.  What fails makes it close, whatever
that says, and open again.
"""
from bed import SLOW

from drivers.driver import Driver, GaveUp


class Stm32Hal(Driver):

    def start(self):
        for line in (b"AT", b"ATE0", b"AT+CPIN?", b"AT+CSQ", b"AT+CGATT?",
                     b'AT+CGDCONT=1,"IP","cmnet"'):
            self.ask(line, b"OK", 1.5)
        if b"+MIPCALL: 1" not in self.ask(b"AT+MIPCALL?", b"+MIPCALL", 1.5):
            line = self.ask(b"AT+MIPCALL=1", b"+MIPCALL:", 150)
            assert b"0.0.0.0" not in line
        self.connect()

    def ask(self, line, want, seconds):
        self.uart.send(line + b"\r\n")
        return self.wait(want, seconds, line)

    def wait(self, want, seconds, line=b""):
        while (got := self.line(seconds * SLOW)) is not None:
            if b"ERROR" in got:
                raise GaveUp(f"{line!r}: {got!r}")
            if want == got or want != b"OK" and want in got:
                return got
        raise GaveUp(f"{line!r}: nothing")

    def connect(self):
        try:
            self.ask(b"AT+MQTTCLOSE=1", b"+MQTTCLOSE: 1,1", 5)
        except GaveUp:
            pass                        # there was none
        self.ask(b"AT+GTSSLVER=4", b"OK", 1.5)
        self.ask(b'AT+MQTTUSER=1,"user","pass","stm32-1"', b"OK", 1.5)
        line = self.ask(b'AT+MQTTOPEN=1,"localhost",8883,1,60,2',
                        b"+MQTTOPEN:", 60)
        assert line.endswith(b",1"), line
        for line in b'AT+MQTTCONN=1,"stm32-1"', \
                b'AT+MQTTCONN=1,"stm32-1",60,1':
            try:
                self.ask(line, b"+MQTTCONN:", 15)
            except GaveUp as error:
                assert "nothing" not in str(error), "it waited for an answer"
        line = self.ask(b'AT+MQTTSUB=1,"%s",0' % self.world.inbox,
                        b"+MQTTSUB:", 60)
        assert line.endswith(b",1"), line

    def publish(self, payload):
        for raw, text in ((b"\\", rb"\\"), (b'"', rb'\"'), (b"\r", rb"\r"),
                          (b"\n", rb"\n")):
            payload = payload.replace(raw, text)
        self.ask(b'AT+MQTTPUB=1,"%s",0,0,"%s"' % (self.world.topic, payload),
                 b"OK", 60)

    def work(self):
        payloads = [b'{"id":%d,"text":"a\\r\r\nb"}' % n for n in range(10)]
        for payload in payloads:
            self.publish(payload)
        for payload in payloads:
            self.world.arrived(payload)
        payload = self.payload()
        self.world.send(payload)
        line = self.wait(b"TMSG:", 20)
        assert line.endswith(b',"%s"' % payload)

    def recover(self):
        payload = self.payload()
        while True:
            try:
                self.publish(payload)
                break
            except GaveUp:
                self.connect()
        assert self.world.arrives(payload, 20)


DRIVER = Stm32Hal
