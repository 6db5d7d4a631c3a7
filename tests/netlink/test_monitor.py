# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MONITOR: copies of what passes, for the socket that asked and no other."""
import errno
import fcntl
import os
import select
import socket
import struct
import termios

import pytest

import genl
from genl import (A_DATA, A_DIRECTION, A_FLAGS, A_MODE, A_PORT,
                  A_TIME, FLAG_MISSED, MODE_COMMAND, MODE_DATA, MODE_EXECUTING,
                  MODE_ORPHAN, num, u32)
from conftest import (CLONE_NEWNET, Daemon, Port, become_nobody, in_child,
                      refused, unshare)

N_TTY = 0


class Monitor(genl.Socket):
    """What passes a port, as its copies tell; the raw bytes apart."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.raw = b""
        self.call(genl.CMD_MONITOR, port.ref)

    def next(self):
        """(kind, bytes), (KIND_MODE, mode) or (KIND_MODE, mode, data_len)"""
        attrs = self.note(genl.CMD_MONITOR_NTF)
        assert num(attrs[A_PORT]) == self.port.id
        assert num(attrs[A_TIME]) > 0
        kind = num(attrs[genl.A_KIND])
        if kind == genl.KIND_MODE:
            assert A_DIRECTION not in attrs and A_DATA not in attrs
            length = attrs.get(genl.A_DATA_LEN)
            return (kind, num(attrs[A_MODE])) + (
                (num(length),) if length else ())
        inward = kind in (genl.KIND_RAW, genl.KIND_LINE, genl.KIND_DATA)
        assert num(attrs[A_DIRECTION]) == (genl.DIR_RX if inward
                                           else genl.DIR_TX)
        if kind == genl.KIND_RAW:
            self.raw += attrs[A_DATA]
            return self.next()
        self.flags = num(attrs.get(A_FLAGS, b""))
        return kind, attrs[A_DATA]

    def expect(self, *wanted):
        for want in wanted:
            assert self.next() == want


def test_monitor_tells_of_a_line(port, daemon):
    with Monitor(port) as watcher:
        port.write(b"noise AT+Q\r")
        daemon.reply(daemon.line(b"AT+Q"))
        watcher.expect((genl.KIND_LINE, b"AT+Q"),
                       (genl.KIND_MODE, MODE_EXECUTING),
                       (genl.KIND_REPLY, b"\r\nOK\r\n"),
                       (genl.KIND_MODE, MODE_COMMAND))
        assert watcher.raw == b"noise AT+Q\r"
        daemon.urc(b"\r\n+U\r\n")
        watcher.expect((genl.KIND_URC, b"\r\n+U\r\n"))
        watcher.no_note()


def test_monitor_tells_of_echo(port, daemon):
    daemon.set((genl.S_ECHO, u32(1)))
    with Monitor(port) as watcher:
        port.write(b"AT")
        echo = b""
        while echo != b"AT":
            kind, data = watcher.next()
            assert kind == genl.KIND_ECHO
            echo += data


def test_monitor_tells_of_data(port, daemon, executing):
    with Monitor(port) as watcher:
        daemon.reply(executing, b">", data_len=3)
        port.write(b"\0\r\xff")
        daemon.note(genl.CMD_DATA_NTF)
        watcher.expect((genl.KIND_REPLY, b">"), (genl.KIND_MODE, MODE_DATA, 3),
                       (genl.KIND_DATA, b"\0\r\xff"),
                       (genl.KIND_MODE, MODE_EXECUTING))
        assert watcher.flags == 0


def test_monitor_tells_of_data_that_ended_early(port, daemon, executing):
    daemon.set((genl.S_DATA_TIMEOUT_MS, u32(100)))
    with Monitor(port) as watcher:
        daemon.reply(executing, data_len=3, data=b"")
        port.write(b"1")
        watcher.expect((genl.KIND_MODE, MODE_DATA, 3), (genl.KIND_DATA, b"1"))
        assert watcher.flags == genl.FLAG_TIMEOUT


def test_monitor_tells_of_an_overlong_line(port, daemon):
    daemon.set((genl.S_LINE_MAX, u32(64)))
    with Monitor(port) as watcher:
        port.write(b"AT" + b"x" * 64 + b"\r")
        watcher.expect((genl.KIND_LINE, b""))
        assert watcher.flags == genl.FLAG_OVERLONG


def test_monitor_tells_of_owners(port):
    with Monitor(port) as watcher:
        with Daemon(port, (genl.S_ECHO, u32(0)), (genl.S_REBIND_MS, u32(0))):
            watcher.expect((genl.KIND_MODE, MODE_COMMAND))
        watcher.expect((genl.KIND_MODE, MODE_ORPHAN))
        port.write(b"AT\r")
        watcher.expect((genl.KIND_LINE, b"AT"),
                       (genl.KIND_ORPHAN, b"\r\nERROR\r\n"))
        watcher.no_note()


def test_monitor_tells_of_an_owner_that_dies_at_work(port):
    with Monitor(port) as watcher:
        with Daemon(port, (genl.S_ECHO, u32(0))) as daemon:
            port.write(b"AT\r")
            daemon.line(b"AT")
        watcher.expect((genl.KIND_MODE, MODE_COMMAND),
                       (genl.KIND_LINE, b"AT"),
                       (genl.KIND_MODE, MODE_EXECUTING),
                       (genl.KIND_ORPHAN, b"\r\nERROR\r\n"),
                       (genl.KIND_MODE, MODE_ORPHAN))


# ---- what a socket asks for ----

def copies(sock, seconds=0.5):
    """{(port, kind)} of what comes until nothing does."""
    found = set()
    while messages := sock.notes or sock.receive(seconds):
        sock.notes = []
        for message in messages:
            assert message.cmd == genl.CMD_MONITOR_NTF
            found.add((num(message.attrs[A_PORT]),
                       num(message.attrs[genl.A_KIND])))
    return found


def ports_heard(sock):
    return {port for port, _ in copies(sock)}


def say(*ports):
    for port in ports:
        port.write(b"AT")
        port.expect(b"AT")


def test_one_port_is_heard(port, port2):
    with Monitor(port) as watcher:
        say(port2, port)
        assert ports_heard(watcher) == {port.id}


def test_several_ports_are_heard(port, port2, admin):
    third = Port(admin)
    with Monitor(port) as watcher:
        watcher.call(genl.CMD_MONITOR, port2.ref)
        say(port, port2, third)
        assert ports_heard(watcher) == {port.id, port2.id}
    third.close()


def test_all_ports_are_heard_those_that_come_later_too(port, admin):
    with genl.Socket() as watcher:
        watcher.call(genl.CMD_MONITOR)
        later = Port(admin)
        say(port, later)
        assert ports_heard(watcher) == {port.id, later.id}
        later.close()


def test_one_that_goes_does_not_come_back(port, admin):
    with Monitor(port) as watcher:
        fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", N_TTY))
        port.attach(admin)
        say(port)
        watcher.no_note()
        watcher.call(genl.CMD_MONITOR, port.ref)
        say(port)
        assert ports_heard(watcher) == {port.id}


@pytest.mark.parametrize("again", [True, False])
def test_asked_twice_a_copy_comes_once(port, again):
    with Monitor(port) as watcher:
        watcher.call(genl.CMD_MONITOR, *[port.ref] * again)
        with Daemon(port):
            watcher.expect((genl.KIND_MODE, MODE_COMMAND))
        watcher.expect((genl.KIND_MODE, MODE_ORPHAN))
        watcher.no_note()


def test_only_who_asked_hears(port, daemon, admin):
    with Monitor(port) as one, Monitor(port) as two, genl.Socket() as other:
        other.join("ports")
        port.write(b"AT\r")
        daemon.reply(daemon.line(b"AT"))
        for watcher in one, two:
            watcher.expect((genl.KIND_LINE, b"AT"),
                           (genl.KIND_MODE, MODE_EXECUTING),
                           (genl.KIND_REPLY, b"\r\nOK\r\n"),
                           (genl.KIND_MODE, MODE_COMMAND))
        for quiet in other, daemon, admin:
            quiet.no_note()


def test_who_does_not_ask_hears_nothing(port, daemon, admin):
    with Monitor(port):
        pass
    port.write(b"AT\r")
    daemon.reply(daemon.line(b"AT"))
    admin.no_note()


def test_no_port_of_another_namespace(port, daemon):
    def isolated():
        unshare(CLONE_NEWNET)
        with genl.Socket() as other:
            with refused(errno.ENODEV):
                other.call(genl.CMD_MONITOR, port.ref)
            other.call(genl.CMD_MONITOR)
            own = Port(other)
            say(own)
            daemon.urc(b"<1>")
            return ports_heard(other) == {own.id}
    in_child(isolated)


# ---- how many, and how it ends ----

def test_so_many_sockets_at_most(port):
    watchers = [Monitor(port) for _ in range(genl.MONITORS_MAX)]
    with genl.Socket() as late:
        with refused(errno.EBUSY):
            late.call(genl.CMD_MONITOR, port.ref)
        with refused(errno.EBUSY):
            late.call(genl.CMD_MONITOR)
        watchers[3].call(genl.CMD_MONITOR)      # has its place already
        watchers.pop().close()
        late.call(genl.CMD_MONITOR, port.ref)
        say(port)
        for watcher in watchers + [late]:
            assert ports_heard(watcher) == {port.id}
    for watcher in watchers:
        watcher.close()


def test_the_place_of_a_closed_socket_is_free_again(port, port2):
    for _ in range(3 * genl.MONITORS_MAX):
        with Monitor(port) as watcher:
            watcher.call(genl.CMD_MONITOR)
    with Monitor(port2) as watcher:
        say(port, port2)
        assert ports_heard(watcher) == {port2.id}


def test_a_fork_keeps_it(port):
    """The socket lives on in a child, which hears what passes."""
    watcher = Monitor(port)
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.write(theirs, b"%d" % len(watcher.receive(10)))
        os._exit(0)
    watcher.close()
    say(port)
    assert int(os.read(ours, 9)) > 0
    os.waitpid(pid, 0)


def test_who_takes_over_the_port_id_hears_nothing(port, daemon):
    def heir():
        become_nobody()
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                           genl.NETLINK_GENERIC) as sock:
            sock.bind((portid, 0))
            os.write(ready[1], b"x")
            return not select.select([sock], [], [], 1)[0]
    ready = os.pipe()
    with Monitor(port) as watcher:
        portid = watcher.portid

    def told():
        os.read(ready[0], 1)
        port.write(b"AT\r")
        daemon.line(b"AT")
    in_child(heir, meanwhile=told)


# ---- a socket that is full ----

LINES = 30


def fill(port, daemon, watcher):
    """Lines pass the port while nobody reads from the small socket."""
    watcher.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for _ in range(LINES):
        port.write(b"AT\r")
        daemon.reply(daemon.line(b"AT"))
        port.expect(b"\r\nOK\r\n")


def flags(watcher):
    return num(watcher.note(genl.CMD_MONITOR_NTF).get(A_FLAGS, b""))


def test_who_does_not_read_is_told_of_it(port, daemon):
    with Monitor(port) as watcher:
        fill(port, daemon, watcher)
        with pytest.raises(OSError) as error:
            watcher.receive(1)
        assert error.value.errno == errno.ENOBUFS
        got = 0
        while messages := watcher.receive(0.1):
            got += len(messages)
            assert not any(A_FLAGS in m.attrs for m in messages)
        assert 0 < got < LINES
        daemon.urc(b"<1>")
        assert flags(watcher) == FLAG_MISSED
        daemon.urc(b"<2>")
        assert flags(watcher) == 0


def test_what_is_missing_is_told_by_each_port(port, port2, daemon):
    with Monitor(port) as watcher:
        watcher.call(genl.CMD_MONITOR)
        fill(port, daemon, watcher)
        say(port2)
        with pytest.raises(OSError):
            watcher.receive(1)
        while watcher.receive(0.1):
            pass
        say(port2)
        assert flags(watcher) == FLAG_MISSED
        copies(watcher)
        daemon.urc(b"<1>")
        assert flags(watcher) == FLAG_MISSED


def test_who_reads_is_not_hindered_by_who_does_not(port, daemon):
    with Monitor(port) as lazy, Monitor(port) as watcher:
        fill(port, daemon, lazy)
        for _ in range(LINES):
            watcher.expect((genl.KIND_LINE, b"AT"),
                           (genl.KIND_MODE, MODE_EXECUTING),
                           (genl.KIND_REPLY, b"\r\nOK\r\n"),
                           (genl.KIND_MODE, MODE_COMMAND))
            assert watcher.flags == 0
        watcher.no_note()


# ---- who may not ----

def test_unprivileged():
    """Of all ports; of one: with the other commands."""
    def refuse():
        become_nobody()
        with refused(errno.EPERM, sentence=False):
            genl.Socket().call(genl.CMD_MONITOR)
        return True
    in_child(refuse)
