#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A broker that tells of each link whether its TLS session was taken up.

resumed.py DIR VERSION COUNT [PORT]: the port on a line, then "new" or "resumed"
for each of so many connections that shakes hands.
"""
import socket
import ssl
import sys

CONNACK = b"\x20\x02\x00\x00"


def serve(directory, version, count, port=0):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(directory + "/server.crt", directory + "/server.key")
    ctx.minimum_version = ctx.maximum_version = ssl.TLSVersion[version]
    listener = socket.create_server(("127.0.0.1", int(port)))
    print(listener.getsockname()[1], flush=True)
    for _ in range(count):
        raw, _ = listener.accept()
        try:
            with ctx.wrap_socket(raw, server_side=True) as link:
                link.recv(4096)
                print("resumed" if link.session_reused else "new", flush=True)
                link.sendall(CONNACK)
                while link.recv(4096):
                    pass
        except OSError:     # no close_notify, or no handshake
            pass


serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
