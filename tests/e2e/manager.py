# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""manager.py SOCKET: in the guest, the end of sd_notify(3) that a service
manager has; prints what it is told, a line each.
"""
import os
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
    sock.bind(sys.argv[1])
    os.chmod(sys.argv[1], 0o777)
    while True:
        print(sock.recv(4096).decode(), flush=True)
