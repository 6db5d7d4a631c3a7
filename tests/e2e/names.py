# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""names.py ADDRESS: runs in the guest, a name server that is told by the name
itself what to say:

  dead*.test     nothing
  late*.test     127.0.0.1, after LATE_S
  *.test         127.0.0.1

There is no other name, and nothing but IPv4.  Prints "ready" when it listens.
"""
import socket
import struct
import sys
import threading

LATE_S = 6      # longer than an OPEN waits
TYPE_A, NXDOMAIN = 1, 3


def name_of(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    return b".".join(labels).decode().lower(), at + 5


def answer(query):
    name, end = name_of(query)
    kind, = struct.unpack_from(">H", query, end - 4)
    known = name.endswith(".test")
    count = int(known and kind == TYPE_A)
    record = struct.pack(">HHHIH", 0xc00c, TYPE_A, 1, 60, 4)
    head = query[:2] + struct.pack(">HHHHH", 0x8180 | (0 if known else
                                                       NXDOMAIN),
                                   1, count, 0, 0)
    return head + query[12:end] + (record + socket.inet_aton("127.0.0.1")
                                   ) * count


def serve(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 53))
        print("ready", flush=True)
        while True:
            query, peer = sock.recvfrom(512)
            name = name_of(query)[0]
            wait = LATE_S if name.startswith("late") else 0
            if not name.startswith("dead"):
                threading.Timer(wait, sock.sendto, (answer(query), peer)
                                ).start()


serve(sys.argv[1])
