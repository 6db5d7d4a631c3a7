#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A TLS broker for one client whose PINGRESP shares its record with a PUBLISH.

Prints its port; the certificate's directory is the first argument.
"""

import socket
import ssl
import sys

CONNACK = bytes([0x20, 2, 0, 0])
PINGREQ = bytes([0xC0, 0])
PINGRESP = bytes([0xD0, 0])
PUBLISH = bytes([0x30, 4, 0, 1]) + b"tx"


def main(directory):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/server.crt",
                            f"{directory}/server.key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        link = context.wrap_socket(server.accept()[0], server_side=True)
    with link:
        link.recv(1024)
        link.sendall(CONNACK)
        while data := link.recv(1024):
            if PINGREQ in data:
                link.sendall(PINGRESP + PUBLISH)


if __name__ == "__main__":
    main(sys.argv[1])
