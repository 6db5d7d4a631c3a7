# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Generic netlink on a bare socket, so that a test can send what no library
would.

An attribute is (type, value); a value is bytes, or a list of attributes for
a nest.  Numbers are packed by u8(), u32() and u64().
"""
import os
import re
import select
import socket
import struct
import sys
import time
import pathlib

NETLINK_GENERIC = 16
SOL_NETLINK = 270
ADD_MEMBERSHIP, DROP_MEMBERSHIP, CAP_ACK, EXT_ACK = 1, 2, 10, 11

NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
ACK_CAPPED, ACK_TLVS = 0x100, 0x200
NLA_NESTED, NLA_TYPE_MASK = 0x8000, 0x3fff

CTRL = 16
CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME, CTRL_MCGRPS = 3, 1, 2, 7
MCGRP_NAME, MCGRP_ID = 1, 2
ERR_MSG = 1

HEADER = pathlib.Path(__file__).parents[2] / "include/uapi/linux/n_at.h"


def header_values(path=HEADER):
    """The names that the uapi header gives numbers: {name: value}."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    values = {}
    for name, value in re.findall(r"#define\s+(N_AT_\w+)\s+(\S.*)", text):
        number = re.fullmatch(r"\(?(\d+)U?(?: << (\d+))?\)?", value.strip())
        if number:
            values[name] = int(number[1]) << int(number[2] or 0)
    for body in re.findall(r"enum \w+ {(.*?)}", text, flags=re.DOTALL):
        value = -1
        for entry in filter(None, map(str.strip, body.split(","))):
            name, _, number = map(str.strip, entry.partition("="))
            value = int(number) if number.isdigit() else value + 1
            if not name.startswith("__") and not number.startswith("__"):
                values[name] = value
    return values


def header_strings(path=HEADER):
    return dict(re.findall(r'#define\s+(N_AT_\w+)\s+"(\w+)"',
                           path.read_text()))


globals().update({name.removeprefix("N_AT_"): value
                  for name, value in header_values().items()})


def u8(value):
    return struct.pack("=B", value)


def u32(value):
    return struct.pack("=I", value)


def u64(value):
    return struct.pack("=Q", value)


def num(data):
    """The number in an attribute."""
    return int.from_bytes(data, sys.byteorder)


def pack(attrs):
    out = b""
    for kind, value in attrs:
        if isinstance(value, list):
            kind, value = kind | NLA_NESTED, pack(value)
        out += struct.pack("=HH", 4 + len(value), kind) + value
        out += bytes(-len(out) % 4)
    return out


def unpack(data):
    """{type: bytes}; of several of one type the last."""
    attrs = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        attrs[kind & NLA_TYPE_MASK] = data[4:length]
        data = data[(length + 3) & ~3:]
    return attrs


class Refused(OSError):
    """The kernel's answer to a request: errno and the extack sentence."""

    def __init__(self, code, sentence):
        super().__init__(code, f"{os.strerror(code)}: {sentence}")
        self.sentence = sentence


class Message:
    def __init__(self, data):
        (_, self.type, self.flags, self.seq, _) = struct.unpack_from(
            "=IHHII", data)
        self.body = data[16:]
        if self.type >= CTRL:
            self.cmd = self.body[0]
            self.attrs = unpack(self.body[4:])

    def error(self):
        """None for an acknowledgement."""
        code = -struct.unpack_from("=i", self.body)[0]
        if not code:
            return None
        sentence = ""
        if self.flags & ACK_TLVS:
            inner = 16 if self.flags & ACK_CAPPED else \
                struct.unpack_from("=I", self.body, 4)[0]
            tlvs = unpack(self.body[4 + inner:])
            sentence = tlvs.get(ERR_MSG, b"").rstrip(b"\0").decode()
        return Refused(code, sentence)


class Socket:
    def __init__(self, family="n_at"):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        for option in CAP_ACK, EXT_ACK:
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.sock.bind((0, 0))
        self.portid = self.sock.getsockname()[0]
        self.seq = 0
        self.notes = []     # notifications not yet taken
        info = self.ask(CTRL, CTRL_GETFAMILY, [
            (CTRL_FAMILY_NAME, family.encode() + b"\0")])[0].attrs
        self.family = num(info[CTRL_FAMILY_ID])
        groups = map(unpack, unpack(info.get(CTRL_MCGRPS, b"")).values())
        self.groups = {g[MCGRP_NAME].rstrip(b"\0").decode(): num(g[MCGRP_ID])
                       for g in groups}

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def join(self, group):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, self.groups[group])

    def send(self, kind, cmd, attrs, flags, version=1, reserved=0):
        """attrs may also be raw bytes."""
        self.seq += 1
        payload = attrs if isinstance(attrs, bytes) else pack(attrs)
        body = struct.pack("=BBH", cmd, version, reserved) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                   REQUEST | flags, self.seq, 0) + body)

    def receive(self, timeout):
        """The messages of one datagram; none when nothing came in time."""
        if not select.select([self.sock], [], [], timeout)[0]:
            return []
        data = self.sock.recv(1 << 17)
        messages = []
        while len(data) >= 16:
            length = struct.unpack_from("=I", data)[0]
            messages.append(Message(data[:length]))
            data = data[(length + 3) & ~3:]
        return messages

    def ask(self, kind, cmd, attrs, flags=ACK, **header):
        """Sends and returns the answers; raises Refused."""
        self.send(kind, cmd, attrs, flags, **header)
        answers = []
        while True:
            messages = self.receive(10)
            if not messages:
                raise TimeoutError("the kernel did not answer")
            for message in messages:
                if message.seq != self.seq:
                    self.notes.append(message)
                elif message.type == NLMSG_DONE:
                    return answers
                elif message.type == NLMSG_ERROR:
                    if error := message.error():
                        raise error
                    return answers
                else:
                    answers.append(message)

    def call(self, cmd, *attrs, **header):
        """A command of the family: the attributes of its answer, or {}."""
        answers = self.ask(self.family, cmd, list(attrs), **header)
        return answers[0].attrs if answers else {}

    def dump(self, cmd, *attrs):
        return [m.attrs for m in self.ask(self.family, cmd, list(attrs),
                                           DUMP)]

    def note(self, cmd, timeout=10):
        """The next notification, which must be this one."""
        end = time.monotonic() + timeout
        while not self.notes:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"notification {cmd} did not come")
            self.notes += self.receive(left)
        message = self.notes.pop(0)
        assert message.cmd == cmd, f"{message.cmd} instead of {cmd}"
        return message.attrs

    def no_note(self, seconds=0.2):
        self.notes += self.receive(seconds)
        assert not self.notes, f"unexpected {self.notes[0].attrs}"
