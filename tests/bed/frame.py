# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Frames between `bed exec`, the keeper and the agent.

A frame is channel (4 bytes), kind (1), length (4), payload.  A channel is one
command; the keeper gives each its number.
"""
import struct

HEADER = struct.Struct(">IBI")
CHUNK = 4096

HELLO = 0       # agent: I am there
OPEN = 1        # to the agent: {"argv": [...], "cwd": "..."}
STDIN = 2       # to the agent: bytes; none = end of file
STDOUT = 3      # from the agent
STDERR = 4
EXIT = 5        # from the agent: exit status in decimal; closes the channel
KILL = 6        # to the agent: whoever waited for the command is gone
STOP = 7        # to the keeper: end the guest; answered by EXIT


def pack(channel, kind, payload=b""):
    return HEADER.pack(channel, kind, len(payload)) + payload


def read_exact(stream, size):
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read(stream):
    """The next frame of a blocking stream: channel, kind, payload."""
    channel, kind, length = HEADER.unpack(read_exact(stream, HEADER.size))
    return channel, kind, read_exact(stream, length)
