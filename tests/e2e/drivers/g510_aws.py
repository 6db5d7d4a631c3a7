# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""G510 for AWS, C on STM32: a table of command, answer, seconds and tries.

A frame ends at a pause.  "READY" in one is a right answer to anything.  It
waits 20 s for it after power-on and goes on without, a quarter of that here.
ICCIDs must have "898" in them.  TLS with a client's certificate, uploaded
without a CR behind it, <tls> 1, the will by Datasize.  Tries that are used up
switch the module off and on; the third time it stays off.
"""
import pathlib
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp

PATIENCE = 5
# its way to name the files: CAFILE is the client's own certificate
FILES = (("CAFILE", "client.pem"), ("KEYFILE", "client.key"),
         ("TRUSTFILE", "ca.pem"))
TWO_STEPS = (b"AT+MIPCALL=1", b"AT+MQTTSUB", b"AT+MQTTOPEN", b"{")


class G510Aws(Driver):
    MODEL = "G510"

    def start(self):
        for _ in range(3):
            try:
                self.power_cycle()
                return self.connect()
            except GaveUp as error:
                why = error
        raise why

    def power_cycle(self):
        self.uart.clear()
        self.world.press_pin()
        end = time.monotonic() + PATIENCE * SLOW
        while time.monotonic() < end:
            if b"READY" in self.frame(0.5):
                break

    def ask(self, line, want, seconds=4, tries=3, end=b"\r\n"):
        for _ in range(tries):
            self.uart.send(line + end)
            limit = time.monotonic() + seconds * SLOW
            while time.monotonic() < limit:
                frame = self.frame(0.2)
                if b"READY" in frame or want in frame:
                    return frame
                if frame and not (line.startswith(TWO_STEPS)
                                  and b"OK" in frame[:4]):
                    break                   # a wrong answer: again
        raise GaveUp(f"{line!r}: {frame!r}")

    def connect(self):
        self.ask(b"AT", b"OK")
        self.ask(b"ATE0", b"OK")
        self.ask(b"AT+CGREG?", b"+CGREG: 0,1", tries=20)
        self.ask(b"AT+CSQ", b"+CSQ")
        self.ask(b"AT+CCID", b"898", tries=2)
        self.ask(b'AT+MIPCALL=1,"CMNET"', b"+MIPCALL: ", 35)
        self.ask(b"AT+MIPCALL?", b"+MIPCALL: 1")
        self.ask(b"AT+GTSSLVER=4", b"OK")
        for name, file in FILES:
            data = (pathlib.Path(self.world.certs) / file).read_bytes()
            self.ask(b'AT+GTSSLFILE="%s",%04d' % (name.encode(), len(data)),
                     b">")
            self.ask(data, b"OK", end=b"")
        self.ask(b'AT+MQTTWILL=1,"%s",0,0,4' % self.world.topic, b">")
        self.ask(b"gone", b"OK", end=b"")
        self.ask(b'AT+MQTTOPEN=1,"localhost",8886,1,60,1', b"MQTTOPEN: 1,1",
                 40, 5)
        for topic in self.world.inbox, self.world.topic + b"/shadow":
            self.ask(b'AT+MQTTSUB=1,"%s",0' % topic, b"MQTTSUB: 1,1", 35, 5)

    def publish(self, payload):
        self.ask(b'AT+MQTTPUB=1,"%s",0,0,%04d'
                 % (self.world.topic, len(payload)), b">", 35)
        self.ask(payload, b"+MQTTPUB: 1,1", 35, end=b"")

    def work(self):
        for _ in range(2):
            payload = b'{"state":"%s"}' % self.payload()
            self.publish(payload)
            assert self.world.arrives(payload, 20)
        self.world.send(b'{"on":1}', topic=self.world.inbox)
        assert b"+MQTTMSG: " in self.frame(5 * SLOW)

    def recover(self):
        """The boot lines are a right answer to nothing: its next publish is
        refused as often as it tries, and the module is switched off and on."""
        self.frame(5 * SLOW)
        try:
            self.publish(b'{"state":"lost"}')
        except GaveUp:
            return self.start()
        raise AssertionError("a publish without a link went well")


DRIVER = G510Aws
