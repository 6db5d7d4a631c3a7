# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MC665, C on ESP-IDF: a task of states, answers counted by the line, echo on.

It does nothing before "+SIM READY", for which it allows 30 s; the same line
at any other time starts its whole dialogue anew.  Restarted alone, without the
key, it would wait in vain: reset_on.  A message is read in one block of a size
that it works out from the announcement, with a command behind which it sends
what stood in its buffer.  It gives each byte 20 ms; here, among a dozen other
hosts, 2 s (hosts/exact_reader has the 20 ms).

Its own: an error line is not a final result to it, but 10 s of waiting; a
message that comes while another is being read is lost.
"""
import re
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp, scanned

UNSOLICITED = (b"+CME ERROR:", b"+CMS ERROR:", b"+ESMCAUSE:", b"+SIM",
               b"+MQTT")
BYTE_SECONDS = 2


class Mc665(Driver):
    MODEL = "MC665"

    def start(self):
        self.flags, self.messages, self.lines = set(), [], []
        self.world.press_pin()
        self.flag("SIM", 30)
        self.dial()
        self.connect()

    # ---- the reader: lines, and what is no answer among them ----

    def take(self, seconds, sign=None):
        """A line that is not unsolicited, with its end; None in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            got = self.uart.got
            size = min((got.find(mark) + len(mark) for mark in (b"\r\n", sign)
                        if mark and mark in got), default=0)
            if not size:
                self.uart.receive(left)
                continue
            line, self.uart.got = got[:size], got[size:]
            if not line.startswith(UNSOLICITED):
                return line
            self.unsolicited(line)
        return None

    def unsolicited(self, line):
        if line.startswith(b"+SIM READY"):
            self.flags.add("SIM")
        elif line.startswith(b"+MQTTMSGI"):
            self.read_message(line)
        elif line.startswith(b"+MQTT"):
            self.flags.add(line[1:].partition(b":")[0].decode())

    def flag(self, name, seconds):
        end = time.monotonic() + seconds * SLOW
        while name not in self.flags:
            if time.monotonic() > end:
                raise GaveUp(f"no {name}")
            self.take(0.05)
        self.flags.discard(name)

    def command(self, line, lines=0, sign=None, seconds=10):
        """Its lines, the first of which is the echo, up to the last one: OK,
        or the one of that number, or the one that ends in the sign."""
        self.uart.send(line + b"\r\n")
        self.lines = []
        while True:
            got = self.take(seconds * SLOW, sign)
            if got is None or b"ERROR" in got:
                raise GaveUp(f"{line!r}: {self.lines} {got!r}")
            self.lines.append(got)
            if lines == len(self.lines) or sign and got.endswith(sign):
                return
            if not lines and got.startswith(b"OK"):
                return

    def second_line(self, pattern):
        values = scanned(pattern, self.lines[1])
        if not values:
            raise GaveUp(f"{self.lines} do not fit {pattern!r}")
        return values

    # ---- its states ----

    def dial(self):
        self.command(b"AT")
        self.command(b"AT+CFUN=1")
        self.command(b"AT+CPIN?")
        assert b"+CPIN: READY" in self.lines[1]
        self.command(b'AT+CGDCONT=1,"IP"')
        self.command(b"AT+CSQ?")
        self.second_line(rb"\+CSQ: (\d+),(\d+)")
        self.command(b"AT+COPS?")
        self.second_line(rb'\+COPS: \d+,\d+,"([^"]{1,19})",(\d+)')
        for kind in b"CGREG", b"CEREG":
            self.command(b"AT+%s?" % kind)
            status, = self.second_line(rb"\+%s: \d+,(\d+)" % kind)
            assert status in (b"1", b"5")
        self.command(b"AT+MIPCALL?", seconds=30)
        if not re.match(rb"\+MIPCALL: [1-9]\d*,\S", self.lines[1]):
            self.command(b"AT+MIPCALL=1", lines=4, seconds=30)
            assert scanned(rb"\+MIPCALL: (\S{1,19})", self.lines[3])

    def connect(self):
        self.command(b'AT+MQTTUSER=1,"","","mc665-1"')
        self.command(b"AT+MQTTCONF=1")
        self.command(b'AT+MQTTOPEN=1,"127.0.0.1",1883,0,60')
        self.flag("MQTTOPEN", 30)
        self.command(b'AT+MQTTSUB=1,"%s",1' % self.world.inbox)
        self.flag("MQTTSUB", 5)

    # ---- what it is there for ----

    def publish(self, payload):
        self.command(b'AT+MQTTPUB=1,"%s",1,0,%d'
                     % (self.world.topic, len(payload)), sign=b">")
        self.uart.send(payload)
        self.command(b"")
        self.flag("MQTTPUB", 5)

    def read_message(self, announcement):
        values = scanned(rb"\S+\s*\d+,\d+,(\d+),(\d+)", announcement)
        topic_size, size = map(int, values)
        command = b"AT+MQTTREAD=1\r\n"
        head = b'+MQTTREAD: 1,0,%d,%d,"' % (topic_size, size)
        self.uart.send((command + b"\0" + head[len(command) + 1:])
                       [:len(head)])
        topic_at = len(command) + len(head)
        at = topic_at + topic_size + len(b'","')
        whole = at + size + len(b'"\r\n\r\nOK\r\n')
        while len(self.uart.got) < whole:
            if not self.uart.receive(BYTE_SECONDS * SLOW):
                raise GaveUp(f"{whole} bytes are not {self.uart.got!r}")
        block, self.uart.got = self.uart.got[:whole], self.uart.got[whole:]
        assert scanned(rb"\S+\s*\d+,\d,(\d+),(\d+)",
                       block[len(command):]) == values
        self.messages.append((block[topic_at:topic_at + topic_size],
                              block[at:at + size]))

    def work(self):
        for payload in (self.payload(), b"\0binary\r\n\xff" * 9):
            self.publish(payload)
            self.world.arrived(payload, 1)
        for payload in (self.payload(), b'{"a":"b"}', b"x" * 300):
            self.world.send(payload, 1)
            end = time.monotonic() + 5 * SLOW
            while not self.messages and time.monotonic() < end:
                self.take(0.05)
            assert self.messages == [(self.world.inbox, payload)]
            self.messages = []

    def recover(self):
        self.flag("SIM", 30)
        self.dial()
        self.connect()


DRIVER = Mc665
