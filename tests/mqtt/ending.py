#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A broker whose connections end where and how the arguments say.

ending.py DIRECTORY plain|tls|p384|slow accept|hello|flight|connect|open HOW

HOW is fin, reset, half (closed in our direction only), notify (TLS says so,
too), notify_half, or stall: nothing more is said.   p384 is a TLS server that
takes no other curve, slow one of TLS 1.2 that is two seconds away.  Prints
its port.
"""

import socket
import ssl
import struct
import sys
import threading
import time

CONNACK = bytes([0x20, 2, 0, 0])


class Over(Exception):
    """The connection has ended as it was to."""


class Connection:
    def __init__(self, link, context, where, how, delay):
        self.link, self.where, self.how = link, where, how
        self.delay = delay
        self.tls = None
        if context:
            self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.came, self.goes,
                                        server_side=True)

    def wait_for_end(self):
        while self.link.recv(4096):
            pass

    def reached(self, where):
        if where != self.where:
            return
        if self.how == "reset":
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
        if self.how.startswith("notify"):
            try:
                self.tls.unwrap()
            except ssl.SSLWantReadError:
                self.link.sendall(self.goes.read())
        if self.how.endswith("half"):
            self.link.shutdown(socket.SHUT_WR)
        if self.how.endswith("half") or self.how == "stall":
            self.wait_for_end()
        raise Over

    def receive(self):
        data = self.link.recv(4096)
        if not data:
            raise Over
        time.sleep(self.delay)
        return data

    def shake_hands(self):
        self.came.write(self.receive())
        self.reached("hello")
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                flight = self.goes.read()
                if flight and self.where == "flight":
                    self.link.sendall(flight[:len(flight) // 2])
                    self.reached("flight")
                self.link.sendall(flight)
                self.came.write(self.receive())
            else:
                self.link.sendall(self.goes.read())
                return

    def read(self):
        while self.tls:
            try:
                return self.tls.read(4096)
            except ssl.SSLWantReadError:
                self.came.write(self.receive())
        return self.receive()

    def write(self, data):
        if self.tls:
            self.tls.write(data)
            data = self.goes.read()
        self.link.sendall(data)

    def serve(self):
        self.reached("accept")
        if self.tls:
            self.shake_hands()
        self.read()
        self.reached("connect")
        self.write(CONNACK)
        self.reached("open")

    def run(self):
        with self.link:
            try:
                self.serve()
            except (Over, OSError):
                pass


def tls_context(directory, transport):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/server.crt",
                            f"{directory}/server.key")
    if transport == "p384":
        context.set_ecdh_curve("secp384r1")
    if transport == "slow":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def main(directory, transport, where, how):
    context = None
    if transport != "plain":
        context = tls_context(directory, transport)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            link = server.accept()[0]
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(link, context, where, how,
                                    2 if transport == "slow" else 0)
            threading.Thread(target=connection.run, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
