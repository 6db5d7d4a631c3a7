# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610 for ThingsKit, C on WS63: restarts the module by command, asks CLOSE?.

A queue of lines; AT+CFUN=15 and the first line of any kind, a blind wait of
5 s, and then "+SIM READY" must be in the queue or come within 5 s.  Its blind
waits, and the module's boot, take a quarter here.  Nothing tells it of a loss:
it needs reconnect.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp

BLIND = 0.25


class ThingsKit(Driver):
    KNOBS = {"reconnect": "yes", "boot_ms": 500}

    def start(self):
        self.ask(b"AT+CFUN=15", b"")
        time.sleep(5 * BLIND)
        if not self.line_with(b"+SIM READY", 5 * SLOW):
            raise GaveUp("no SIM")
        self.ask(b"AT", b"OK")
        self.ask(b"ATE0", b"OK")
        self.ask(b"AT+MIPCALL=0", b"")
        for _ in range(6):
            self.ask(b"AT+MIPCALL=1", b"OK")
            time.sleep(2 * BLIND)
            if self.ask(b"AT+MIPCALL?", b"+MIPCALL: 1"):
                break
        else:
            raise GaveUp("no call")
        self.connect()

    def ask(self, line, want, seconds=2):
        """Whether a line of the queue, which it empties first, has it."""
        self.uart.clear()
        self.uart.send(line + b"\r\n")
        end = time.monotonic() + seconds * SLOW
        while (left := end - time.monotonic()) > 0:
            got = self.line(left)
            if got and b"+MQTTMSG" not in got and want in got:
                return True
        return False

    def connect(self):
        # it waits for what does not come, and goes on
        self.ask(b'AT+MQTTUSER=1,"szh","pass","thingskit-1"', b"+MQTTOPEN",
                 2 / SLOW)
        for _ in range(10):
            self.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,0,60', b"+MQTTOPEN")
            time.sleep(BLIND)
            if self.ask(b"AT+MQTTCLOSE?", b"+MQTTCLOSE: 1"):
                break
        else:
            raise GaveUp("it did not open")
        assert self.ask(b'AT+MQTTSUB=1,"%s/request/+",1' % self.world.topic,
                        b"OK")

    def publish(self, payload):
        return self.ask(b'AT+MQTTPUB=1,"%s",1,0,"%s"'
                        % (self.world.topic, payload), b"OK", 2 / SLOW)

    def work(self):
        payload = b'{"%s":1}' % self.payload()
        assert self.publish(payload)
        assert self.world.arrives(payload, 20)
        topic = self.world.topic + b"/request/7"
        for params in b"[]", b'{"a":{"b":"}"}}':
            payload = b'{"method":"set","params":%s}' % params
            self.world.send(payload, 1, topic)
            line = self.line_with(b"+MQTTMSG", 5 * SLOW)
            assert topic + b'"' in line
            assert line[line.find(b"{"):line.rfind(b"}") + 1] == payload

    def recover(self):
        self.keep_publishing(self.publish)


DRIVER = ThingsKit
