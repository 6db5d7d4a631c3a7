# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What a host says is for who has the right to hear it, whatever others join.

    strangers, uid 65534 ── ADD_MEMBERSHIP of every number, without end
                                  │
    root ── insmod, attach, AT+MQTTUSER="…", rmmod ── n_at ── group "ports"

The number of a group can be joined by anybody before the group is there, and
while it comes: on two processors now and then at the very moment.
"""
import contextlib
import ctypes
import errno
import json
import os
import pathlib
import socket
import struct
import subprocess

import pytest

import genl
from genl import (ADD_MEMBERSHIP, CMD_PORT_CHANGE_NTF, CMD_PORT_DEL_NTF,
                  CMD_PORT_NEW_NTF)
from conftest import (CLONE_NEWNET, CLONE_NEWUSER, Daemon, Port, become_nobody,
                      in_child, refused, unshare)

LOADS = 50
GROUPS = range(1, 65)
SOCKETS = 4
LINE = b'AT+MQTTUSER=1,"device","hunter2"'


def module_file():
    state = pathlib.Path(os.environ["BED_RUN"], "state.json").read_text()
    return pathlib.Path(json.loads(state)["module_dir"], "n_at.ko")


def unload():
    subprocess.run(["rmmod", "n_at"], check=True)


def load():
    subprocess.run(["insmod", module_file()], check=True)


def say_line():
    """The host says the line to a port of its own; the family's number."""
    with genl.Socket() as admin, contextlib.closing(Port(admin)) as port:
        with Daemon(port) as daemon:
            port.write(LINE + b"\r")
            daemon.reply(daemon.line(LINE))
        return admin.family


# ---- strangers ----

class Stranger:
    """Sockets that join whatever they can, and what came of it."""

    def __init__(self):
        self.socks = [socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                    genl.NETLINK_GENERIC)
                      for _ in range(SOCKETS)]
        for sock in self.socks:
            sock.bind((0, 0))
            sock.setblocking(False)

    def join(self, groups=GROUPS):
        for sock in self.socks:
            for group in groups:
                with contextlib.suppress(OSError):
                    sock.setsockopt(genl.SOL_NETLINK, ADD_MEMBERSHIP, group)

    def heard(self):
        """The datagrams, each behind its length."""
        out = b""
        for sock in self.socks:
            with contextlib.suppress(BlockingIOError):
                while data := sock.recv(1 << 17):
                    out += struct.pack("=I", len(data)) + data
        return out


def keep_joining(log, groups):
    """In a process of its own; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        become_nobody()
        stranger = Stranger()
        while True:
            stranger.join(groups)
            os.write(log, stranger.heard())
    finally:
        os._exit(1)


def messages(log):
    while head := log.read(4):
        data = log.read(struct.unpack("=I", head)[0])
        while len(data) >= 16:
            length = struct.unpack_from("=I", data)[0]
            yield genl.Message(data[:length])
            data = data[(length + 3) & ~3:]


def is_name(message):
    return message.cmd in (CMD_PORT_NEW_NTF, CMD_PORT_CHANGE_NTF,
                           CMD_PORT_DEL_NTF) and \
        set(message.attrs) == {genl.A_PORT, genl.A_TTY, genl.A_DEVICE}


def judge(logs, families):
    """(loads in which a name was heard, loads in which more was)"""
    names, more = set(), set()
    for log in logs:
        os.lseek(log, 0, os.SEEK_SET)
        with open(log, "rb") as file:
            for message in messages(file):
                if message.type in families:
                    (names if is_name(message) else more).add(message.type)
    return len(names), len(more)


def test_who_joins_while_the_module_loads(admin):
    """One tries all numbers, others the one that a group gets each time."""
    first = min(admin.groups.values())
    aims = GROUPS, [first], [first + 1]
    logs = [os.memfd_create("heard") for _ in aims]
    unload()
    pids = list(map(keep_joining, logs, aims))
    families = set()
    try:
        for _ in range(LOADS):
            load()
            families.add(say_line())
            unload()
    finally:
        for pid in pids:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
        load()
    assert len(families) == LOADS
    names, more = judge(logs, families)
    print(f"{LOADS} loads: names heard in {names}, more in {more}")
    assert names, "the strangers were in no group"
    assert more == 0, f"in {more} of {LOADS} loads"


class Meeting:
    """Where a child says that it is ready, and waits for its parent."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair()
        for end in self.ours, self.theirs:
            end.settimeout(30)

    def ready(self):
        self.theirs.send(b"%d" % os.getpid())
        assert self.theirs.recv(1) == b"x"

    def enter(self):
        """Awaits the child, and gets into its network namespace."""
        pid = int(self.ours.recv(9))
        with open(f"/proc/{pid}/ns/net", encoding="ascii") as namespace:
            assert not ctypes.CDLL(None).setns(namespace.fileno(),
                                               CLONE_NEWNET)

    def go_on(self):
        self.ours.send(b"x")


@pytest.mark.parametrize("flags", [0, CLONE_NEWNET],
                         ids=["same-namespace", "another-namespace"])
def test_who_joined_before(flags):
    """All groups, before there are any."""
    log = os.memfd_create("heard")
    meeting = Meeting()

    def stranger():
        unshare(flags)
        become_nobody()
        sockets = Stranger()
        sockets.join()
        meeting.ready()
        os.write(log, sockets.heard())
        return True

    def root():
        try:
            meeting.enter()
        finally:
            load()
        say_line()
        meeting.go_on()
        return True
    unload()
    in_child(stranger, meanwhile=lambda: in_child(root))
    with genl.Socket() as again:
        assert judge([log], {again.family}) == (1, 0)


def test_root_of_a_user_namespace():
    """It may not ask, though the port is in its own network namespace."""
    meeting = Meeting()

    def stranger():
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        with genl.Socket() as sock:
            sock.join("ports")
            with refused(errno.EPERM, sentence=False):
                sock.call(genl.CMD_MONITOR)
            meeting.ready()
            heard = []
            while more := sock.receive(0.2):
                heard += more
            return len(heard) == 3 and all(map(is_name, heard))

    def root():
        meeting.enter()
        with genl.Socket() as sock:
            sock.call(genl.CMD_MONITOR)
            say_line()
            sock.note(genl.CMD_MONITOR_NTF)
        meeting.go_on()
        return True
    in_child(stranger, meanwhile=lambda: in_child(root))
