#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""relay.py [--late MS] PORT [LOST...]: between a client and PORT on 127.0.0.1.

Prints its own port.  LOST is c0 for the first datagram of the client, s2 for
the server's third, and so on.  Each takes MS one way.  When none is lost, a
DTLS handshake message that comes from a client twice within a second is told
on stderr, and the relay ends.
"""
import collections
import select
import socket
import sys
import time

OWN_TIME = 0.95     # seconds; a client's clock has milliseconds


def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


class Flights:
    """When the client sent which handshake messages, by their numbers."""

    def __init__(self):
        self.seen = {}

    def is_early(self, record, now):
        if record[:1] != b"\x16" or record[3:5] != b"\0\0":
            return False
        number = record[17:19]
        early = now - self.seen.get(number, -OWN_TIME) < OWN_TIME
        self.seen[number] = now
        return early


def main():
    words = sys.argv[1:]
    late = 0
    if words[0] == "--late":
        late, words = int(words[1]) / 1000, words[2:]
    port, lost = int(words[0]), set(words[1:])
    near, far = udp(), udp()
    near.bind(("127.0.0.1", 0))
    far.connect(("127.0.0.1", port))
    print(near.getsockname()[1], flush=True)
    client, count = None, {near: 0, far: 0}
    queue = collections.deque()
    while True:
        wait = queue[0][0] - time.monotonic() if queue else None
        ready = select.select([near, far], [], [], wait and max(wait, 0))[0]
        for sock in ready:
            try:
                data, address = sock.recvfrom(65535)
            except ConnectionRefusedError:
                continue
            now = time.monotonic()
            if sock is near:
                if address != client:
                    client, flights = address, Flights()
                if not lost and flights.is_early(data, now):
                    return "a flight came again too early"
            name = f"{'c' if sock is near else 's'}{count[sock]}"
            count[sock] += 1
            if name not in lost:
                queue.append((now + late, sock, data))
        while queue and queue[0][0] <= time.monotonic():
            _, sock, data = queue.popleft()
            if sock is near:
                far.send(data)
            else:
                near.sendto(data, client)


sys.exit(main())
