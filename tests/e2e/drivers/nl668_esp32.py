# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""NL668, C on ESP32: sscanf() on what came, the CRLF in a write of its own.

It gets no further without an APN in CGDCONT.  A loss is +MQTTBREAK: 1,1 or
nothing, so that it needs reconnect; it opens what is open: open_again.

Its own: it fetches the time over a socket first, which is skipped; its publish
and its +CSQ? lack the CR, which are given here; its sscanf() of a message
starts at the CRLF ahead of it and finds nothing, with any module.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp, scanned


class Nl668Esp32(Driver):
    MODEL = "NL668"
    KNOBS = {"open_again": "replace", "reconnect": "yes"}

    def start(self):
        for line, want in (
                (b"AT", b"OK"), (b"ATE0", b"OK"), (b"AT+CGSN", b"OK"),
                (b"AT+CGMR", b"OK"), (b"AT+CIMI", b"OK"), (b"ATI", b"OK"),
                (b"AT+CFUN?", b"+CFUN: 1"), (b"AT+CPIN?", b"+CPIN: READY")):
            self.ask(line, want)
        level, = scanned(rb"\s*\+CSQ: (\d+),", self.ask(b"AT+CSQ", b"+CSQ"))
        assert 10 <= int(level) <= 31
        status, = scanned(rb"\s*\+CREG: \d+,(\d)", self.ask(b"AT+CREG?", b"OK"))
        assert status == b"1"
        self.ask(b"AT+CGATT=1", b"OK")
        self.ask(b"AT+CGATT?", b"+CGATT: 1")
        self.ask(b"AT+COPS?", b"+COPS: 0")
        self.ask(b"AT+GTGPSPOWER=1", b"ERROR")      # it lives without
        self.dial()
        self.connect()

    def ask(self, line, want, seconds=8, tries=3):
        """All that came, from the start; each try ends with the text."""
        for _ in range(tries):
            self.uart.clear()
            self.uart.send(line)
            time.sleep(0.05)
            self.uart.send(b"\r\n")
            end = time.monotonic() + seconds * SLOW
            while want not in self.uart.got:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self.uart.receive(left)
            else:
                while self.uart.receive(0.02):
                    pass
                return self.uart.got
        raise GaveUp(f"{line!r}: {self.uart.got!r}")

    def dial(self):
        apn = scanned(rb'\s*\+CGDCONT: \d+,"[^"]+","([^"]{1,50})"',
                      self.ask(b"AT+CGDCONT?", b"+CGDCONT"))
        if not apn:
            raise GaveUp("get APN failed")
        if b"+MIPCALL: 1" not in self.ask(b"AT+MIPCALL?", b"OK"):
            address = self.ask(b'AT+MIPCALL=1,"%s"' % apn[0], b"+MIPCALL", 30)
            assert scanned(rb".*\+MIPCALL: (\d+)\.(\d+)\.(\d+)\.(\d+)", address)
        address = self.ask(b'AT+MIPDNS="127.0.0.1"', b"+MIPDNS")
        assert scanned(rb'.*\+MIPDNS: "[^"]+",(\d+)\.(\d+)\.(\d+)\.(\d+)',
                       address)
        self.ask(b'AT+GTSET="IPRFMT",0', b"OK")

    def connect(self):
        self.ask(b"AT+MQTTOPEN?", b"OK")
        self.ask(b'AT+MQTTUSER=1,"user","pass","nl668-1";', b"OK")
        self.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,50', b"+MQTTOPEN: 1,1")
        self.ask(b'AT+MQTTSUB=1,"%s",0' % self.world.inbox, b"+MQTTSUB: 1,1",
                 10)

    def publish(self, payload):
        self.ask(b'AT+MQTTPUB=1,"%s",0,0,"%s"' % (self.world.topic, payload),
                 b"+MQTTPUB: 1,1")

    def work(self):
        payload = self.payload()
        self.publish(payload)
        self.world.arrived(payload)
        self.uart.clear()
        self.world.send(b"0109ff")
        got = self.frame(5 * SLOW)
        assert got == b'\r\n+MQTTMSG: 1,0,"%s","0109ff"\r\n' % self.world.inbox
        assert scanned(rb'\+MQTTMSG:\s*\d+,\s*\d+,\s*"([^"]{1,49})",\s*'
                       rb'"([^"]+)"', got[2:])

    def recover(self):
        end = time.monotonic() + 20 * SLOW
        got = b""
        while b"+MQTTBREAK: 1,1" not in got:
            assert time.monotonic() < end, f"not told of the loss: {got!r}"
            got += self.frame(2)
        self.connect()


DRIVER = Nl668Esp32
