# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610 for ThingsBoard, C on WS63: a burst ends when 5 ms are quiet.

It waits 10 s for "+SIM READY" and goes on without.  Each command has 1 s for
its answer and 1 s of blind wait; all its times are a fifth here.  It opens what
is open and does not mind.  It needs reconnect.
"""
import time

from bed import SLOW

from drivers.driver import Driver

SCALE = 0.2


class Adragon(Driver):
    KNOBS = {"reconnect": "yes"}

    def start(self):
        end = time.monotonic() + 10 * SCALE
        while time.monotonic() < end:
            if b"+SIM READY" in self.frame(0.1):
                break
        self.ask(b"ATE0", b"OK")
        self.ask(b"AT+MIPCALL=1", b"OK")
        self.ask(b'AT+MQTTUSER=1,"user","id","pass"', b"OK")
        self.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,0,60', b"+MQTTOPEN")
        for topic in b"request/+", b"request/+", b"response/+", b"attributes":
            self.ask(b'AT+MQTTSUB=1,"%s/%s",1' % (self.world.topic, topic),
                     b"OK")

    def ask(self, line, want):
        """What it finds out it only prints."""
        self.uart.clear()
        self.uart.send(line + b"\r\n")
        end = time.monotonic() + 1 * SCALE
        while want not in self.uart.got and time.monotonic() < end:
            self.uart.receive(0.005)
        found = want in self.uart.got
        time.sleep(1 * SCALE)
        return found

    def publish(self, payload):
        self.ask(b'AT+MQTTPUB=1,"%s",1,0,"%s"' % (self.world.topic, payload),
                 b"OK")

    def work(self):
        payload = self.payload()
        self.publish(payload)
        assert self.world.arrives(payload, 20)
        self.frame(0.2)
        topic = self.world.topic + b"/attributes"
        self.world.send(b'{"led":1}', 1, topic)
        frame = self.frame(5 * SLOW, 0.05)
        assert b'"%s","{"led":1}"' % topic in frame

    def recover(self):
        self.keep_publishing(self.publish)


DRIVER = Adragon
