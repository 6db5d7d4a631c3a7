# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A gateway's UDP port in the guest: "ADDRESS PORT HEX" a line, in and out.

relay.py ADDRESS PORT
"""
import os
import selectors
import socket
import sys


def main():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((sys.argv[1], int(sys.argv[2])))
    os.write(1, b"ready\n")
    ready = selectors.DefaultSelector()
    ready.register(udp, selectors.EVENT_READ)
    ready.register(0, selectors.EVENT_READ)
    pending = b""
    while True:
        for key, _ in ready.select():
            if key.fileobj is udp:
                data, (address, port) = udp.recvfrom(65536)
                os.write(1, f"{address} {port} {data.hex()}\n".encode())
                continue
            more = os.read(0, 65536)
            if not more:
                return
            *lines, pending = (pending + more).split(b"\n")
            for line in lines:
                address, port, data = line.decode().split(" ")
                udp.sendto(bytes.fromhex(data), (address, int(port)))


main()
