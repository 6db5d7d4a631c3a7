# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The host's end of a UART with RTS and CTS."""
import array
import fcntl
import json
import os
import select
import socket
import termios
import time
import tty

from bed import SLOW

CHUNK = 64              # what a host's driver may send before it looks at RTS
RTS = 2                 # in bed/modem.c's bytes: what the guest drives
DSR, CTS, DCD = 1, 2, 4         # and what we do


class Wire:
    def __init__(self):
        self.fd, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.fd, False)
        self.name = os.ttyname(self.slave)
        self.lines = None       # the file, once the guest is up
        self.qmp = None         # QEMU's socket, then too
        self.sent = 0
        self.got = b""

    # ---- modem lines; the guest's RTS is our CTS ----

    def rts(self):
        """What the guest drives."""
        with open(self.lines, "rb") as file:
            return bool(file.read(1)[0] & RTS)

    def drive(self, line, up):
        with open(self.lines, "r+b") as file:
            now = file.read(2)[1]
            file.seek(1)
            file.write(bytes([now | line if up else now & ~line]))

    def cts(self, up):
        """What we drive: the guest may send."""
        self.drive(CTS, up)

    # ---- breaks ----

    def breaks(self, count=1):
        """Each of them as long as a character."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.qmp)
            answers = sock.makefile("r")
            answers.readline()
            for command in [{"execute": "qmp_capabilities"}] + count * [
                    {"execute": "chardev-send-break",
                     "arguments": {"id": "port0"}}]:
                sock.sendall(json.dumps(command).encode() + b"\n")
                assert json.loads(answers.readline()) == {"return": {}}

    # ---- bytes ----

    def on_the_way(self):
        """Bytes that the guest's UART has not taken yet."""
        count = array.array("i", [0])
        fcntl.ioctl(self.slave, termios.FIONREAD, count)
        return count[0]

    def put(self, data):
        """As much of it as goes at once; returns the rest."""
        try:
            n = os.write(self.fd, data[:CHUNK])
        except BlockingIOError:
            n = 0
        self.sent += n
        return data[n:]

    def put_with_flow_control(self, data):
        if not self.rts() or self.on_the_way():
            time.sleep(0.0002)
            return data
        return self.put(data)

    def take(self, seconds=0.0):
        """What came, into got; its size."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return 0
        data = os.read(self.fd, 65536)
        self.got += data
        return len(data)

    def write(self, data):
        end = time.monotonic() + 30 * SLOW
        while data:
            assert time.monotonic() < end, f"{len(data)} bytes were not taken"
            data = self.put(data)
            self.take()

    def expect(self, want, timeout=5):
        end = time.monotonic() + timeout * SLOW
        while len(self.got) < len(want) and want.startswith(self.got):
            assert time.monotonic() < end, f"only {self.got!r}"
            self.take(0.1)
        assert self.got[:len(want)] == want
        self.got = self.got[len(want):]

    def skip(self, want, timeout=5):
        """Throws away what comes, up to and with these bytes."""
        end = time.monotonic() + timeout * SLOW
        while want not in self.got:
            assert time.monotonic() < end, f"only {self.got!r}"
            self.take(0.1)
        self.got = self.got.partition(want)[2]

    def drain(self, seconds=0.5):
        """Throws away what comes until nothing came for so long."""
        while self.take(seconds * SLOW):
            pass
        self.got = b""
