# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610, C on ESP-IDF: a buffer that is read every 10 ms up to OK, then flushed.

A result that came with its OK is lost.  All times are ten here for one there,
so that a busy machine changes nothing.  It does not know boot lines, takes any
answer with "ERROR" at its end for a good one and then waits for a result, and
never closes: it needs open_again and, where a daemon may go, reconnect.

Its own: in the original two tasks read one UART, so that it seldom gets as far
as this with any module.
"""
import re
import time

from drivers.driver import Driver, GaveUp

POLL_SECONDS = 0.1


class L610EspIdf(Driver):
    KNOBS = {"open_again": "replace", "reconnect": "yes",
             "result_gap_ms": 300, "pub_gap_ms": 300}

    def start(self):
        self.open = False
        self.results = []
        self.send(b"AT")
        self.send(b'AT+MQTTUSER=1,"user","","ws63-1"')
        self.connect()

    def send(self, line, seconds=10, end=rb"(OK|ERROR)\r?\n"):
        """Three times, each after a flush; what is behind the end is lost."""
        for _ in range(3):
            self.uart.clear()
            self.uart.send(line + b"\r")
            limit = time.monotonic() + seconds
            while time.monotonic() < limit:
                time.sleep(POLL_SECONDS)
                if re.search(end, self.uart.window(0)):
                    answer, self.uart.got = self.uart.got, b""
                    return answer
        raise GaveUp(f"{line!r}: {self.uart.got!r}")

    def listen(self, seconds):
        """The task that looks for its words in each line."""
        line = self.line_with(b"+MQTT", seconds)
        if line is None:
            return
        if b"+MQTTOPEN:" in line:
            self.open = b",1" in line
        elif b"+MQTTBREAK:" in line:
            self.open = False
        self.results.append(line)

    def result(self, name, seconds):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.listen(limit - time.monotonic())
            for line in self.results:
                if b"+%s:" % name in line:
                    self.results.remove(line)
                    return b",1" in line
        return False

    def connect(self):
        while b"+CGATT: 1" not in self.send(b"AT+CGATT?"):
            time.sleep(1)
        self.send(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60,0')
        if not self.result(b"MQTTOPEN", 15):
            raise GaveUp("it did not open")

    def publish(self, payload):
        """By Datasize where quotes or backslashes are in it."""
        head = b'AT+MQTTPUB=1,"%s",1,0,' % self.world.topic
        if re.search(rb'["\\]', payload):
            self.send(head + b"%d" % len(payload), end=rb">|ERROR")
            self.uart.send(payload)
        else:
            self.send(head + b'"%s"' % payload)
        return self.result(b"MQTTPUB", 10)

    def work(self):
        for payload in self.payload(), b'{"quoted":"\\"}':
            assert self.publish(payload)
            self.world.arrived(payload, 1)
        # its heartbeat
        self.send(b"AT")
        assert re.search(rb"\+CSQ: \d+", self.send(b"AT+CSQ"))

    def recover(self):
        """BREAK and OPEN come by themselves: its task sees both."""
        limit = time.monotonic() + 60
        broken = False
        while not (broken and self.open):
            assert time.monotonic() < limit, "not told of break and open"
            self.listen(1)
            broken |= any(b"+MQTTBREAK:" in line for line in self.results)
        self.results = []


DRIVER = L610EspIdf
