# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The host (DTE) at the UART's other end, byte by byte."""
import os
import re
import select
import time
import tty

from bed import SLOW


class Mismatch(AssertionError):
    pass


class Host:
    """Sends bytes and holds what comes back against what must come.

    What arrived and was not yet expected waits in `pending`; every expect
    takes from its front, so a test states the whole dialogue in order.
    """

    def __init__(self, path, watch=None):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.pending = b""
        self.watch = watch or (lambda direction, data: None)

    def close(self):
        os.close(self.fd)

    def write(self, data, timeout=30):
        """All of it, taking in what comes meanwhile, as a UART does."""
        self.watch(">", data)
        end = time.monotonic() + timeout * SLOW
        while data:
            left = end - time.monotonic()
            if left <= 0:
                raise Mismatch(f"{len(data)} bytes were not taken")
            readable, writable, _ = select.select([self.fd], [self.fd], [],
                                                  left)
            if readable:
                self._take()
            if writable:
                data = data[os.write(self.fd, data[:4096]):]

    def _take(self):
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        self.watch("<", data)
        self.pending += data

    def _wait(self, done, timeout):
        end = time.monotonic() + timeout
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                return False
            if select.select([self.fd], [], [], left)[0]:
                self._take()
        return True

    def expect(self, want, timeout=5):
        """Exactly these bytes come next."""
        def done():
            return (len(self.pending) >= len(want)
                    or not want.startswith(self.pending))
        self._wait(done, timeout * SLOW)
        if not self.pending.startswith(want):
            raise Mismatch(f"\n  want {want!r}\n  got  "
                           f"{self.pending[:len(want) + 200]!r}")
        self.pending = self.pending[len(want):]

    def match(self, pattern, timeout=5):
        """Bytes that match come next; returns the match."""
        pattern = re.compile(pattern, re.DOTALL)
        self._wait(lambda: pattern.match(self.pending), timeout * SLOW)
        found = pattern.match(self.pending)
        if not found:
            raise Mismatch(f"\n  want {pattern.pattern!r}\n  got  "
                           f"{self.pending[:400]!r}")
        self.pending = self.pending[found.end():]
        return found

    def collect(self, size, timeout=5):
        """The next `size` bytes, whatever they are."""
        if not self._wait(lambda: len(self.pending) >= size, timeout * SLOW):
            raise Mismatch(f"{len(self.pending)} of {size} bytes came, last "
                           f"{self.pending[-200:]!r}")
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def quiet(self, seconds=0.3):
        """Nothing comes for so long."""
        self._wait(lambda: self.pending, seconds)
        if self.pending:
            raise Mismatch(f"unexpected {self.pending!r}")

    def drain(self, seconds=0.1):
        """Throws away what is there, until nothing came for so long."""
        while True:
            self.pending = b""
            if not self._wait(lambda: self.pending, seconds):
                return

    def command(self, line, *answers, timeout=5):
        """A line (echo is off) and its answers, each between CRLFs."""
        self.write(line.encode() + b"\r")
        for answer in answers or ("OK",):
            self.result(answer, timeout)

    def result(self, text, timeout=5):
        if isinstance(text, str):
            text = text.encode()
        self.expect(b"\r\n" + text + b"\r\n", timeout)

    def reset(self):
        """Command mode, nothing under way, settings of ATZ, no echo, no
        client open."""
        state = (rb".*\r\n\+MQTTCLOSE: ([0-9,]+)\r\n\r\nOK\r\n")
        for _ in range(3):      # what a failed test left may swallow the first
            self.write(b"\rATZ\rATE0\rAT+MQTTCONF=0\rAT+MQTTCLOSE?\r")
            if self._wait(lambda: re.match(state, self.pending, re.DOTALL), 5):
                break
        for client in self.match(state)[1].split(b","):
            if client != b"0":
                self.write(b"AT+MQTTCLOSE=%s\r" % client)
                # ERROR: its broker went with the test that opened it
                self.match(rb".*\r\n(ERROR|\+MQTTCLOSE: %s,1)\r\n" % client)
        self.drain(0.05)
