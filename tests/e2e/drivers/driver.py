# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What the drivers have in common, and the world around each of them."""
import collections
import re
import time

from broker import publish
from hosts.firmware import Uart


class GaveUp(AssertionError):
    """The firmware's own word for: it does not go on."""


class Wire(Uart):
    """A UART that remembers what passed, for who looks at a failure."""

    TOLD = 60

    def __init__(self, port):
        super().__init__(port)
        self.passed = collections.deque(maxlen=self.TOLD)

    def note(self, direction, data):
        self.passed.append(f"{time.monotonic():.3f} {direction} {data!r}")

    def told(self):
        return "\n".join(self.passed)

    def send(self, data):
        self.note(">", data)
        super().send(data)

    def read(self):
        data = super().read()
        self.note("<", data)
        return data


class World:
    """The broker's side, and the pin that switches the module on."""

    def __init__(self, name, subscriber, certs, press_pin):
        self.certs = certs
        self.topic = f"d/{name}".encode()
        self.inbox = self.topic + b"/in"
        self.subscriber = subscriber
        self.press_pin = press_pin

    def arrived(self, payload, qos=None):
        self.subscriber.expect(self.topic.decode(), payload, qos)

    def arrives(self, payload, seconds):
        """Whether it comes; others that are on their way are passed."""
        while message := self.subscriber.message(seconds):
            if message[1] == payload:
                return True
        return False

    def send(self, payload, qos=0, topic=None):
        publish((topic or self.inbox).decode(), payload, qos)


class Driver:
    """MODEL and KNOBS are its port's section of the configuration."""

    MODEL = "L610"
    KNOBS = {}

    def __init__(self, port, world):
        self.uart = Wire(port)
        self.world = world
        self.number = 0

    def close(self):
        self.uart.close()

    def payload(self):
        """Another one each time."""
        self.number += 1
        return b"n%d" % self.number

    def start(self):
        """All that it does from its reset to its last word of start-up."""
        raise NotImplementedError

    def work(self):
        """What it is there for, both ways, and whether that went well."""
        raise NotImplementedError

    def recover(self):
        """By its own rules, behind a daemon that went and came."""
        raise NotImplementedError

    # ---- ways to read ----

    def line(self, seconds):
        """The next line without its end, or None: fgets(), so to speak."""
        end = time.monotonic() + seconds
        while b"\n" not in self.uart.got:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.uart.receive(left)
        line, _, self.uart.got = self.uart.got.partition(b"\n")
        return line.rstrip(b"\r")

    def line_with(self, text, seconds):
        """The next line with this text in it, or None."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            line = self.line(left)
            if line is not None and text in line:
                return line
        return None

    def frame(self, seconds, gap=0.02):
        """What comes up to a pause: a UART's idle interrupt; or b""."""
        self.uart.got = b""
        if not self.uart.receive(seconds):
            return b""
        while self.uart.receive(gap):
            pass
        frame, self.uart.got = self.uart.got, b""
        return frame

    # ---- what several of them do ----

    def keep_publishing(self, publish_one, word=bytes, seconds=60):
        """Blind to all answers, until one arrives at the broker, as the word
        that publish_one makes of it."""
        end = time.monotonic() + seconds
        while True:
            payload = self.payload()
            publish_one(payload)
            if self.world.arrives(word(payload), 0.5):
                return
            if time.monotonic() > end:
                raise GaveUp("nothing that it publishes arrives any more")


def scanned(pattern, text):
    """sscanf(): from the start of the text, the groups, or none."""
    found = re.match(pattern, text, re.DOTALL)
    return found.groups() if found else ()
