# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Ports for the netlink tests: ptys of the guest, their slaves under n_at.

    test ── master ══ slave + n_at ── netlink ── test (as the daemon)
"""
import contextlib
import ctypes
import fcntl
import os
import pty
import select
import struct
import termios
import time
import tty

import pytest

import genl

KERNEL = tuple(map(int, os.uname().release.split(".")[:2]))
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
NOBODY = 65534


@contextlib.contextmanager
def refused(code, sentence=True):
    with pytest.raises(genl.Refused) as info:
        yield info
    assert info.value.errno == code, info.value
    if sentence:
        assert info.value.sentence, "no extack sentence"


def in_child(function, meanwhile=lambda: None):
    """Runs it in a process of its own; its return value must be true."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            status = 0 if function() else 2
        finally:
            os._exit(status)
    meanwhile()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def unshare(flags):
    assert not ctypes.CDLL(None).unshare(flags)


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


class Pty:
    """A pty pair, with a host on its master."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.written = 0
        tty.setraw(self.slave)
        self.tty = os.ttyname(self.slave).removeprefix("/dev/").replace("/", "")

    def set_discipline(self, number=genl.LDISC):
        fcntl.ioctl(self.slave, termios.TIOCSETD, struct.pack("=i", number))

    def write(self, data):
        self.written += len(data)
        while data:
            data = data[os.write(self.master, data):]

    def read(self, size, timeout=10):
        """So many bytes, or what came of them in time."""
        data, end = b"", time.monotonic() + timeout
        while len(data) < size:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                break
            data += os.read(self.master, size - len(data))
        return data

    def expect(self, want, timeout=10):
        got = self.read(len(want), timeout)
        assert got == want

    def quiet(self, seconds=0.2):
        assert self.read(1, seconds) == b""

    def close_master(self):
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def close(self):
        self.close_master()
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1


class Port(Pty):
    """Its slave has the line discipline."""

    def __init__(self, admin):
        super().__init__()
        self.attach(admin)

    def attach(self, admin):
        self.set_discipline()
        attrs = next(p for p in admin.dump(genl.CMD_PORT_GET)
                     if p[genl.A_TTY].rstrip(b"\0").decode() == self.tty)
        self.attrs = attrs
        self.id = genl.num(attrs[genl.A_PORT])
        self.ref = (genl.A_PORT, genl.u32(self.id))


class Daemon(genl.Socket):
    """The owner of a port, command by command."""

    def __init__(self, port, *settings):
        super().__init__()
        self.port = port
        self.attrs = self.call(genl.CMD_BIND, port.ref)
        if settings:
            self.set(*settings)

    def set(self, *settings):
        self.call(genl.CMD_PORT_SET, self.port.ref,
                  (genl.A_SETTINGS, list(settings)))

    def reply_attrs(self, seq, data=b"", final=True, **more):
        attrs = [self.port.ref, (genl.A_SEQ, genl.u32(seq))]
        if data:
            attrs.append((genl.A_DATA, data))
        if "data_len" in more:
            attrs.append((genl.A_DATA_LEN, genl.u32(more["data_len"])))
        elif final:
            attrs.append((genl.A_FLAGS, genl.u32(genl.FLAG_FINAL)))
        if "settings" in more:
            attrs.append((genl.A_SETTINGS, more["settings"]))
        return attrs

    def reply(self, seq, data=b"\r\nOK\r\n", final=True, **more):
        self.call(genl.CMD_REPLY, *self.reply_attrs(seq, data, final, **more))

    def urc(self, data):
        self.call(genl.CMD_URC, self.port.ref, (genl.A_DATA, data))

    def line(self, want=None, timeout=10):
        """The next LINE_NTF: its sequence number; the text must be want."""
        attrs = self.note(genl.CMD_LINE_NTF, timeout)
        if want is not None:
            assert attrs[genl.A_DATA] == want
        return genl.num(attrs[genl.A_SEQ])

    def get(self):
        return self.call(genl.CMD_PORT_GET, self.port.ref)

    def wait_taken(self, timeout=10):
        """n_at has all that the host wrote: another CPU may bring it."""
        end = time.monotonic() + timeout
        while self.counter(genl.C_RX_BYTES) < self.port.written:
            assert time.monotonic() < end, "the host's bytes do not come"
            time.sleep(0.01)

    def mode(self):
        return genl.num(self.get()[genl.A_MODE])

    def counter(self, which):
        return genl.num(genl.unpack(self.get()[genl.A_COUNTERS])[which])


@pytest.fixture
def admin():
    """A socket that owns nothing."""
    with genl.Socket() as sock:
        yield sock


@pytest.fixture
def port(admin):
    port = Port(admin)
    yield port
    port.close()


@pytest.fixture
def port2(admin):
    port = Port(admin)
    yield port
    port.close()


@pytest.fixture
def daemon(port):
    """The port's owner; no echo, so that only answers come out."""
    with Daemon(port, (genl.S_ECHO, genl.u32(0))) as daemon:
        yield daemon


@pytest.fixture
def executing(port, daemon):
    """The sequence number of a line that awaits its answer."""
    port.write(b"AT\r")
    return daemon.line(b"AT")
