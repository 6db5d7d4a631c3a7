# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What the replays have in common: a UART as small firmware reads it."""
import os
import re
import select
import time
import tty

import idle
from bed import EMULATED, SLOW
from broker import publish

BOOT = b"\r\nAT command ready\r\n\r\n+SIM READY\r\n"


class Uart:
    """The firmware's side: a receive buffer of its own size, and clocks.

    `got` is that buffer. What does not fit in it is lost, as it is there.
    """

    def __init__(self, path, size=100000):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.size = size
        self.got = b""

    def close(self):
        os.close(self.fd)

    def send(self, data):
        while data:
            select.select([], [self.fd], [], 5)
            data = data[os.write(self.fd, data):]

    def clear(self):
        """The memset() ahead of most commands."""
        self.window(0)
        self.got = b""

    def receive(self, seconds):
        """Whether anything came within so many seconds."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return False
        self.got = (self.got + self.read())[:self.size]
        return True

    def read(self):
        return os.read(self.fd, 4096)

    def window(self, ms):
        """Whatever comes in so many milliseconds, no longer, no shorter."""
        end = time.monotonic() + ms / 1000
        while self.receive(end - time.monotonic()):
            pass
        return self.got

    def block(self, command, size, ms):
        """Sends, then takes so many bytes, none of which may be more than
        ms behind the one before, or behind the command.  On a busy machine
        without the time for which they waited for a processor of the host's;
        an emulated processor has 20 times as long.
        """
        ms *= 20 if EMULATED else 1
        waiting = idle.Waiting()
        try:
            start, waited = time.monotonic(), waiting.seconds()
            self.send(command)
            while len(self.got) < size:
                came = self.receive(5 * SLOW)
                taken = time.monotonic() - start
                taken -= waiting.seconds() - waited
                if not came or taken * 1000 > ms:
                    raise AssertionError(f"{taken * 1000:.1f} ms for more "
                                         f"than {self.got!r}")
                start, waited = time.monotonic(), waiting.seconds()
        finally:
            waiting.close()
        return self.got

    def wait(self, text, seconds=5):
        """Polls its buffer with strstr(); returns what is behind the text."""
        end = time.monotonic() + seconds * SLOW
        while text not in self.got:
            left = end - time.monotonic()
            if left <= 0 or not self.receive(left):
                raise AssertionError(f"no {text!r} in {self.got!r}")
        self.got = self.got.partition(text)[2]
        return self.got

    def exactly(self, want, seconds=5):
        """The next bytes, compared one by one with what is expected."""
        end = time.monotonic() + seconds * SLOW
        while len(self.got) < len(want) and want.startswith(self.got):
            left = end - time.monotonic()
            if left <= 0 or not self.receive(left):
                break
        assert self.got[:len(want)] == want, f"{self.got!r}, not {want!r}"
        self.got = self.got[len(want):]

    def scan(self, pattern, seconds=5):
        """sscanf() on what is there, again whenever more came."""
        end = time.monotonic() + seconds * SLOW
        while not (found := re.search(pattern, self.got, re.DOTALL)):
            left = end - time.monotonic()
            if left <= 0 or not self.receive(left):
                raise AssertionError(f"no {pattern!r} in {self.got!r}")
        self.got = self.got[found.end():]
        return found

    def ask(self, line, want=b"\r\nOK\r\n", seconds=5):
        """memset(), a line with its end, and strstr() for the answer."""
        self.clear()
        self.send(line)
        return self.wait(want, seconds)

    def nothing(self, ms=200):
        self.window(ms)
        assert not self.got, f"unexpected {self.got!r}"

    def power_on(self):
        """As after power-on: everything closed, echo on, boot lines gone."""
        self.send(b"\rATZ\rATE0\rATZ\rAT+CFUN=15\r")
        self.wait(BOOT, 10)
        self.window(100)
        self.got = b""


class World:
    """The broker's side of a replay."""

    def __init__(self, topic, subscriber):
        self.name = topic
        self.topic = topic.encode()
        self.inbox = topic.encode() + b"/in"
        self.subscriber = subscriber

    def arrived(self, payload, qos=None):
        """Byte for byte at the broker; the next one."""
        self.subscriber.expect(self.name, payload, qos)

    def nothing_more(self):
        self.subscriber.none(0.3)

    def send(self, payload, qos=0):
        """From the broker's other side to the firmware's subscription."""
        publish(self.inbox.decode(), payload, qos)
