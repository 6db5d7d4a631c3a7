# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MA510, C on nRF52: presses the power key, reads at fixed offsets of a line.

5 s for "AT command ready", or it is false for good; then a blind wait of 5 s,
a tenth of it here, as are its pauses between tries.  Publishes with QoS 2,
retained.  When nothing of it arrives any more it has nothing further to try:
who uses it switches it off and on, which presses the key.  Without a wired key
its second start is false.
"""
import time

from bed import SLOW
from broker import publish

from drivers.driver import Driver, GaveUp

BLIND = 0.1


def number(text, nth):
    """Up to three digits of the nth field between commas."""
    digits = text.split(b",")[nth][:3]
    return int(digits) if digits.isdigit() else 0


class Nrf52NbGps(Driver):
    MODEL = "MA510"

    def start(self):
        self.uart.clear()
        self.world.press_pin()
        if not self.line_with(b"AT command ready", 5 * SLOW):
            raise GaveUp("no boot line")
        time.sleep(0.3)
        self.ask(b"AT", b"OK", tries=1)
        time.sleep(5 * BLIND)
        for line, name in (b"AT+CGSN?", b"+CGSN: "), (b"AT+CFSN?", b"+CFSN: "):
            assert self.ask(line, name)[7:].count(b'"') == 2
        self.ask(b"AT+CPIN?", b"+CPIN: READY")
        assert self.ask(b"AT+CFUN?", b"+CFUN: ")[7:8] == b"1"
        assert number(self.ask(b"AT+CEREG?", b"+CEREG: ")[8:], 1) == 1
        assert self.ask(b"AT+COPS?", b"+COPS: ")[7:].count(b'"') == 2
        assert 1 < number(self.ask(b"AT+CSQ?", b"+CSQ: ")[6:], 0) <= 31
        self.ask(b'AT+CGDCONT=1,"IP","CTLTE"', b"OK")
        assert self.ask(b"AT+MIPCALL=1", b"+MIPCALL: ")[10:11] != b"0"
        self.must(b'AT+MQTTOPEN=1,"127.0.0.1",1883,0,10', b"+MQTTOPEN: ", 11)

    def ask(self, line, want, tries=3, seconds=5):
        """The line of the answer with what is wanted, from its start."""
        for _ in range(tries):
            self.uart.clear()
            self.uart.send(line + b"\r\n")
            if got := self.line_with(want, seconds * SLOW):
                return got
            time.sleep(2 * BLIND)
        raise GaveUp(line)

    def must(self, line, want, offset):
        """The status is the second number from a fixed offset."""
        assert number(self.ask(line, want)[offset:], 1) == 1

    def work(self):
        for payload in self.payload(), b"Hello":
            self.must(b'AT+MQTTPUB=1,"%s",2,1,"%s"'
                      % (self.world.topic, payload), b"+MQTTPUB: ", 10)
            self.world.arrived(payload, 2)
        publish(self.world.topic.decode(), b"", retain=True)
        self.world.arrived(b"")

    def recover(self):
        for _ in range(3):
            self.uart.clear()
            self.uart.send(b'AT+MQTTPUB=1,"%s",2,1,"lost"\r\n'
                           % self.world.topic)
            assert not self.line_with(b"+MQTTPUB: ", 5 * BLIND)
        self.start()


DRIVER = Nrf52NbGps
