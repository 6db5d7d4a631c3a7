# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610, C on WS63: a callback at each pause overwrites one frame's buffer.

The main task looks every 10 ms, so that it loses the first of two frames; all
times are ten here for one there.  Anything at all is a good answer to OPEN and
PUB; SUB is sent at once, with the link still opening.  The payload goes out
blind, with a CRLF behind it.  Nothing tells it of a loss: it needs reconnect.
"""
import time

from drivers.driver import Driver

POLL_SECONDS = 0.1


class Ws63Callback(Driver):
    KNOBS = {"reconnect": "yes"}

    def start(self):
        for line, want in ((b"AT+CIMI", b"OK"), (b"AT", b"OK"),
                           (b"AT+CSQ", b"+CSQ"), (b"AT+MIPCALL=1", b"OK")):
            self.send(line, want)
        self.send(b"AT+MQTTUSER=1,user,pass,ws63-2", b"OK")
        self.send(b"AT+MQTTOPEN=1,127.0.0.1,1883,1,60", b"")
        self.send(b"AT+MQTTSUB=1,%s,1" % self.world.inbox, b"OK", 20)

    def send(self, line, want, seconds=5):
        """Looks at the frame that is the newest when it looks."""
        self.uart.clear()
        self.uart.send(line + b"\r\n")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            newest = b""
            while frame := self.frame(0):
                newest = frame[:512]
            if newest and want in newest:
                return True
        return False                # it prints "Fail!" and goes on

    def publish(self, payload):
        self.send(b"AT+MQTTPUB=1,%s,1,0,%d"
                  % (self.world.topic, len(payload)), b"")
        self.send(payload, b"")

    def work(self):
        for payload in self.payload(), b'{"temperature":21,"state":"AT"}':
            self.publish(payload)
            assert self.world.arrives(payload, 20), payload
        payload = self.payload() + b"\r\nsecond line"
        self.frame(0.5)
        self.world.send(payload, 1)
        frame = self.frame(20)
        assert payload in frame, frame

    def recover(self):
        self.keep_publishing(self.publish)


DRIVER = Ws63Callback
