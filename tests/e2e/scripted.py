# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""scripted.py PORT STEP...: runs in the guest, a broker that says as it is told.

Prints "ready" when it listens, and does the steps for each client, behind its
CONNECT; then it takes what comes until the client has gone.

  4002id         bytes in hexadecimal, and the id of the last request taken
  take:TYPE      waits for a packet of this type
  zeros:N        N bytes that are 0
  flood:N:SIZE   messages of QoS 1 on "f", numbered, SIZE bytes each, as fast
                 as they are taken; waits for all acknowledgements
  wait:SECONDS
  end            closes
"""
import contextlib
import select
import socket
import struct
import sys
import time

CONNECT, PUBLISH, PUBACK, PINGREQ = 1, 3, 4, 12
PINGRESP = b"\xd0\0"
ZEROS = bytes(1 << 16)


def length(size):
    out = b""
    while True:
        size, digit = divmod(size, 128)
        out += bytes([digit | (0x80 if size else 0)])
        if not size:
            return out


def take_packet(data):
    """(first byte, body, rest), or None when none is whole."""
    size, at = 0, 1
    while at < len(data):
        size |= (data[at] & 127) << 7 * (at - 1)
        at += 1
        if data[at - 1] < 128:
            if len(data) < at + size:
                return None
            return data[0], data[at:at + size], data[at + size:]
    return None


class Client:
    def __init__(self, link):
        self.link = link
        self.data = b""
        self.ident = b""

    def packet(self):
        """The next one: type, body."""
        while not (found := take_packet(self.data)):
            more = self.link.recv(65536)
            if not more:
                raise ConnectionResetError
            self.data += more
        first, body, self.data = found
        at = 0
        if first >> 4 == PUBLISH:
            at = 2 + struct.unpack(">H", body[:2])[0]
        self.ident = body[at:at + 2]
        return first >> 4, body

    def take(self, kind):
        while self.packet()[0] != kind:
            pass

    def zeros(self, size):
        while size:
            size -= self.link.send(ZEROS[:size])

    @staticmethod
    def message(number, size):
        payload = b"%d " % number
        body = (b"\0\1f" + struct.pack(">H", number % 65535 + 1)
                + payload.ljust(size, b"."))
        return b"\x32" + length(len(body)) + body

    def flood(self, count, size):
        """Pings are answered between two messages."""
        self.link.setblocking(False)
        sent = acknowledged = 0
        out = b""
        while acknowledged < count:
            while len(out) < 65536 and sent < count:
                out += self.message(sent, size)
                sent += 1
            readable, writable, _ = select.select(
                [self.link], [self.link] if out else [], [])
            if writable:
                out = out[self.link.send(out):]
            if readable:
                self.data += self.link.recv(65536)
            while found := take_packet(self.data):
                first, _, self.data = found
                acknowledged += first >> 4 == PUBACK
                if first >> 4 == PINGREQ:
                    out += PINGRESP
        self.link.setblocking(True)

    def step(self, step):
        word, *values = step.split(":")
        if word in ("take", "zeros", "flood"):
            getattr(self, word)(*map(int, values))
        elif word == "wait":
            time.sleep(float(values[0]))
        elif word == "end":
            raise ConnectionResetError
        else:
            self.link.sendall(bytes.fromhex(
                step.replace("id", self.ident.hex())))

    def serve(self, steps):
        self.take(CONNECT)
        for step in steps:
            self.step(step)
        while self.link.recv(65536):
            pass


def main():
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
        print("ready", flush=True)
        while True:
            link, _ = server.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with link, contextlib.suppress(OSError):
                Client(link).serve(sys.argv[2:])


main()
