#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""relay.py [--late MS] PORT [LOST...]: between a client and PORT on 127.0.0.1.

Prints its own port.  LOST is c0 for the first datagram of the client, s2 for
the server's third, and so on.  Each takes MS one way.  When none is lost, a
DTLS handshake message that comes from a client twice within a second is told
on stderr, and the relay ends; unless the server has repeated something, which
a client may answer at once.
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
    """When a peer sent which handshake messages, by number and fragment."""

    def __init__(self):
        self.seen = {}

    def age(self, record, now):
        """How long ago it came last; None: it is new, or encrypted."""
        if record[:1] != b"\x16" or record[3:5] != b"\0\0":
            return None
        before = self.seen.get(record[17:25])
        self.seen[record[17:25]] = now
        return before and now - before


class Judge:
    """Of a client that repeats what it should not."""

    def __init__(self):
        self.client, self.server = Flights(), Flights()
        self.answers = False        # to a repetition, maybe

    def is_early(self, from_client, record, now):
        if not from_client:
            self.answers |= self.server.age(record, now) is not None
            return False
        age = self.client.age(record, now)
        return age is not None and age < OWN_TIME and not self.answers


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
            if sock is near and address != client:
                client, judge = address, Judge()
            if not lost and judge.is_early(sock is near, data, now):
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
