#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""relay.py PORT [LOST...]: between a client and PORT on 127.0.0.1.

Prints its own port.  LOST is c0 for the first datagram of the client, s2 for
the server's third, and so on.
"""
import select
import socket
import sys


def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def main():
    port, lost = int(sys.argv[1]), set(sys.argv[2:])
    near, far = udp(), udp()
    near.bind(("127.0.0.1", 0))
    far.connect(("127.0.0.1", port))
    print(near.getsockname()[1], flush=True)
    client, count = None, {near: 0, far: 0}
    while True:
        for sock in select.select([near, far], [], [])[0]:
            try:
                data, address = sock.recvfrom(65535)
            except ConnectionRefusedError:
                continue
            if sock is near:
                client = address
            name = f"{'c' if sock is near else 's'}{count[sock]}"
            count[sock] += 1
            if name in lost:
                continue
            if sock is near:
                far.send(data)
            else:
                near.sendto(data, client)


sys.exit(main())
