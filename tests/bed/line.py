# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A serial line between a pty and a socket that the guest was handed.

  host -> /dev/pts/N slave | master <-> Half, Half <-> socket | guest's UART

The guest is not handed the master itself: the user mode kernel waits for room
to write by SIGIO, a pty sends one when its room is not there yet and none
afterwards, and output to a slow reader stops for good.
"""
import asyncio
import os
import socket
import tty

CHUNK = 4096
BUFFER = 8192           # of the socket: what a UART with its FIFO might hold


class Half:
    """Bytes from source to sink; takes no more until the sink took all."""

    def __init__(self, line, source, sink):
        self.line = line                # its sockets live as long as this
        self.loop = asyncio.get_running_loop()
        self.source = source
        self.sink = sink
        self.data = b""
        self.loop.add_reader(source, self.on_input)

    def on_input(self):
        try:
            self.data = os.read(self.source, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self.data = b""
        if not self.data:               # the guest has gone
            self.loop.remove_reader(self.source)
        elif not self.write():
            self.loop.remove_reader(self.source)
            self.loop.add_writer(self.sink, self.on_room)

    def on_room(self):
        if self.write():
            self.loop.remove_writer(self.sink)
            self.loop.add_reader(self.source, self.on_input)

    def write(self):
        """True when nothing is left."""
        try:
            self.data = self.data[os.write(self.sink, self.data):]
        except BlockingIOError:
            pass
        except OSError:
            self.data = b""
        return not self.data


class Line:
    """One port: its name for the host, its socket for the guest."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)          # stays open: see keeper.py
        self.name = os.ttyname(self.slave)
        self.ours, self.guest = socket.socketpair()
        for sock in self.ours, self.guest:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self.ours.setblocking(False)
        os.set_blocking(self.master, False)

    def start(self):
        self.guest.close()
        Half(self, self.master, self.ours.fileno())
        Half(self, self.ours.fileno(), self.master)
