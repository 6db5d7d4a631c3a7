# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Who may what: root names a user or group, which may own that port, and only
that; a stranger sees names.

    root ── attach, PORT_SET(OWNER_UID, OWNER_GID)
    user ── BIND, REPLY, URC, PORT_SET(settings)        stranger ── PORT_GET

Each user is a process of its own, which has no capability.
"""
import array
import contextlib
import errno
import fcntl
import os
import pty
import socket
import struct
import termios

import pytest

import genl
from genl import (A_COUNTERS, A_DATA, A_DEVICE, A_MODE, A_OWNER, A_OWNER_GID,
                  A_OWNER_UID, A_PORT, A_SEQ, A_SETTINGS, A_TTY, A_VERSION,
                  num, u32)
from conftest import (CLONE_NEWUSER, NOBODY, Daemon, in_child, refused,
                      unshare)

USER, OTHER, GROUP = 1990, 1991, 1992
NONE = 0xffffffff
SECRET = b'AT+MQTTUSER=1,"device","hunter2"'
TRIES = 200             # of who wants the number of an owner that ended


def name_owner(admin, port, uid=NONE, gid=NONE):
    admin.call(genl.CMD_PORT_SET, port.ref, (A_OWNER_UID, u32(uid)),
               (A_OWNER_GID, u32(gid)))


def become(uid, gid=NOBODY, groups=()):
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(uid)


def as_user(function, uid=USER, **groups):
    """In a process of that user's; what it asserts is asserted."""
    def run():
        become(uid, **groups)
        function()
        return True
    in_child(run)


def may_own(port):
    with Daemon(port, (genl.S_ECHO, u32(0))):
        pass


def may_not_own(port):
    with genl.Socket() as sock, refused(errno.EPERM):
        sock.call(genl.CMD_BIND, port.ref)


# ---- what a stranger sees ----

def test_a_stranger_sees_names_modes_and_counters(port, daemon, admin):
    name_owner(admin, port, USER, GROUP)

    def look():
        with genl.Socket() as sock:
            listed, = (p for p in sock.dump(genl.CMD_PORT_GET)
                       if num(p[A_PORT]) == port.id)
            for attrs in listed, sock.call(genl.CMD_PORT_GET, port.ref):
                assert {A_PORT, A_TTY, A_DEVICE, A_MODE, A_COUNTERS,
                        A_VERSION} <= set(attrs)
                assert not {A_SETTINGS, A_OWNER, A_OWNER_UID,
                            A_OWNER_GID} & set(attrs)
    as_user(look, NOBODY)


def test_who_may_own_a_port_sees_all_of_it(port, daemon, admin):
    name_owner(admin, port, USER, GROUP)

    def look():
        with genl.Socket() as sock:
            attrs = sock.call(genl.CMD_PORT_GET, port.ref)
            assert num(attrs[A_OWNER]) == daemon.portid
            assert num(attrs[A_OWNER_UID]) == USER
            assert num(attrs[A_OWNER_GID]) == GROUP
            assert genl.unpack(attrs[A_SETTINGS])
    as_user(look)
    as_user(look, OTHER, groups=[GROUP])
    look()


def test_the_number_is_that_of_the_tty(port, admin):
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs[A_DEVICE]) == os.fstat(port.slave).st_rdev


# ---- what a stranger may ----

def requests(port):
    yield genl.CMD_BIND, []
    yield genl.CMD_UNBIND, []
    yield genl.CMD_REPLY, [(A_SEQ, u32(1)), (A_DATA, b"\r\nOK\r\n"),
                           (genl.A_FLAGS, u32(genl.FLAG_FINAL))]
    yield genl.CMD_URC, [(A_DATA, b"\r\n+X\r\n")]
    yield genl.CMD_PORT_SET, [(A_SETTINGS, [(genl.S_ECHO, u32(0))])]
    yield genl.CMD_PORT_SET, [(A_OWNER_UID, u32(NOBODY))]
    yield genl.CMD_PORT_SET, [(A_OWNER_GID, u32(NOBODY))]
    yield genl.CMD_MONITOR, []


@pytest.mark.parametrize("owned", [False, True])
def test_a_stranger_may_nothing(port, admin, owned):
    """MONITOR is refused by genetlink itself, which has no sentence."""
    def ask():
        with genl.Socket() as sock:
            for cmd, attrs in requests(port):
                with refused(errno.EPERM, sentence=cmd != genl.CMD_MONITOR):
                    sock.call(cmd, port.ref, *attrs)
    with Daemon(port) if owned else contextlib.nullcontext() as daemon:
        port.write(SECRET + b"\r")
        as_user(ask, NOBODY)
        if owned:
            daemon.reply(daemon.line(SECRET))


def test_a_stranger_cannot_attach():
    def attach():
        _, slave = pty.openpty()
        with pytest.raises(PermissionError):
            fcntl.ioctl(slave, termios.TIOCSETD,
                        struct.pack("=i", genl.LDISC))
    as_user(attach, NOBODY)


def test_root_of_a_user_namespace_is_a_stranger(port, admin):
    def run():
        become(OTHER)
        unshare(CLONE_NEWUSER)
        with genl.Socket() as sock:
            for cmd in genl.CMD_BIND, genl.CMD_MONITOR:
                with refused(errno.EPERM, sentence=False):
                    sock.call(cmd, port.ref)
        return True
    in_child(run)


# ---- who was named ----

def test_nobody_is_named_in_the_beginning(port, admin):
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs.get(A_OWNER_UID, u32(NONE))) == NONE
    assert num(attrs.get(A_OWNER_GID, u32(NONE))) == NONE
    as_user(lambda: may_not_own(port))


def test_a_user_that_was_named_has_the_port(port, admin):
    name_owner(admin, port, USER)

    def own():
        with Daemon(port, (genl.S_ECHO, u32(0))) as daemon:
            port.write(b"AT+X\r")
            daemon.reply(daemon.line(b"AT+X"), b"<1>",
                         settings=[(genl.S_S3, u32(33))])
            port.expect(b"<1>")
            daemon.urc(b"<2>")
            port.expect(b"<2>")
            assert num(daemon.get()[A_OWNER]) == daemon.portid
            daemon.call(genl.CMD_UNBIND, port.ref)
    as_user(own)


def test_and_nothing_but_that_port(port, port2, admin):
    name_owner(admin, port, USER)

    def ask():
        with Daemon(port) as daemon:
            with refused(errno.EPERM):
                daemon.call(genl.CMD_BIND, port2.ref)
            with refused(errno.EPERM):
                daemon.call(genl.CMD_PORT_SET, port.ref,
                            (A_OWNER_UID, u32(USER)))
            before = daemon.get()[A_SETTINGS]
            with refused(errno.EPERM):      # as a whole
                daemon.call(genl.CMD_PORT_SET, port.ref,
                            (A_OWNER_UID, u32(USER)),
                            (A_SETTINGS, [(genl.S_ECHO, u32(0))]))
            assert daemon.get()[A_SETTINGS] == before
            with refused(errno.EPERM, sentence=False):
                daemon.call(genl.CMD_MONITOR, port.ref)
    as_user(ask)


@pytest.mark.parametrize("groups", [
    {"gid": GROUP}, {"groups": [GROUP]}, {"groups": [4, GROUP, 7]}],
    ids=["of its own", "a further one", "one of many"])
def test_members_of_a_group_that_was_named_have_the_port(port, admin, groups):
    name_owner(admin, port, gid=GROUP)
    as_user(lambda: may_own(port), OTHER, **groups)


@pytest.mark.parametrize("who", [
    {"uid": OTHER}, {"uid": GROUP}, {"uid": OTHER, "gid": USER},
    {"uid": OTHER, "groups": [USER]}],
    ids=["another", "the group's number", "a group of the user's number",
         "a further one"])
def test_others_have_not(port, admin, who):
    name_owner(admin, port, USER, GROUP)
    as_user(lambda: may_not_own(port), **who)


def test_a_user_or_a_group_may_both_be_named(port, admin):
    name_owner(admin, port, USER, GROUP)
    as_user(lambda: may_own(port))
    as_user(lambda: may_own(port), OTHER, gid=GROUP)


def test_a_name_is_taken_back(port, admin):
    """Who has the port by then keeps it, but does not get it again."""
    name_owner(admin, port, USER)
    bound, tell_bound = os.pipe()
    taken, tell_taken = os.pipe()

    def own():
        become(USER)
        with Daemon(port, (genl.S_ECHO, u32(0))) as daemon:
            os.write(tell_bound, b"x")
            os.read(taken, 1)
            port.write(b"AT\r")
            daemon.reply(daemon.line(b"AT"))
        may_not_own(port)
        return True

    def take_back():
        os.read(bound, 1)
        name_owner(admin, port, OTHER)
        os.write(tell_taken, b"x")
    in_child(own, take_back)
    as_user(lambda: may_own(port), OTHER)
    name_owner(admin, port)
    as_user(lambda: may_not_own(port), OTHER)


def test_root_may_in_any_case(port, admin):
    name_owner(admin, port, USER)
    may_own(port)


def test_a_name_lasts_as_long_as_the_attachment(port, admin):
    name_owner(admin, port, USER)
    fcntl.ioctl(port.slave, termios.TIOCSETD, array.array("i", [0]))
    port.attach(admin)
    as_user(lambda: may_not_own(port))


# ---- whose socket ----

def passed_on(uid):
    """A socket that a process of this user opened."""
    ours, theirs = socket.socketpair()

    def open_and_pass():
        with genl.Socket() as sock:
            socket.send_fds(theirs, [b"x"], [sock.sock.fileno()])
    as_user(open_and_pass, uid)
    _, (fd,), _, _ = socket.recv_fds(ours, 1, 1)
    with genl.Socket() as sock:
        sock.sock.close()
        sock.sock = socket.socket(fileno=fd)
        sock.portid = sock.sock.getsockname()[0]
        yield sock


@pytest.fixture
def strangers_socket():
    yield from passed_on(OTHER)


@pytest.fixture
def users_socket():
    yield from passed_on(USER)


def test_a_socket_is_its_openers_whoever_writes_to_it(port, strangers_socket,
                                                      admin):
    """As the standard error of a set-user-id program would be: the process
    that writes here is root."""
    name_owner(admin, port, USER)
    for cmd, attrs in requests(port):
        with refused(errno.EPERM, sentence=cmd != genl.CMD_MONITOR):
            strangers_socket.call(cmd, port.ref, *attrs)


def test_a_socket_of_a_strangers_is_not_the_named_users(port, admin,
                                                        strangers_socket):
    name_owner(admin, port, USER, GROUP)

    def ask():
        with refused(errno.EPERM):
            strangers_socket.call(genl.CMD_BIND, port.ref)
    as_user(ask, USER, gid=GROUP, groups=[GROUP])


def test_one_of_the_named_user_is_good_in_any_hand(port, users_socket, admin):
    name_owner(admin, port, USER)
    users_socket.call(genl.CMD_BIND, port.ref)
    with refused(errno.EPERM):
        users_socket.call(genl.CMD_PORT_SET, port.ref,
                          (A_OWNER_UID, u32(OTHER)))


def squat(portid):
    """A socket with this number, or None."""
    sock = genl.Socket()
    sock.sock.close()
    sock.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                              genl.NETLINK_GENERIC)
    for option in genl.CAP_ACK, genl.EXT_ACK:
        sock.sock.setsockopt(genl.SOL_NETLINK, option, 1)
    try:
        sock.sock.bind((portid, 0))
    except OSError:
        sock.close()
        return None
    sock.portid = portid
    return sock


def test_the_number_of_an_owner_that_ended_is_worth_nothing(port, admin):
    with Daemon(port, (genl.S_REBIND_MS, u32(0))) as daemon:
        portid = daemon.portid
        port.write(b"AT+X\r")
        seq = daemon.line(b"AT+X")

    def take_it():
        with squat(portid) as sock:
            port.write(SECRET + b"\r")
            sock.no_note(0.5)
            for cmd, attrs in requests(port):
                with refused(errno.EPERM, sentence=cmd != genl.CMD_MONITOR):
                    sock.call(cmd, port.ref, *attrs)
            with refused(errno.EPERM):
                sock.call(genl.CMD_REPLY, port.ref, (A_SEQ, u32(seq)),
                          (A_DATA, b"forged"))
    as_user(take_it, NOBODY)


def test_nor_while_it_ends(port, admin):
    """A stranger waits for the number, and the host speaks meanwhile."""
    def wait_for(portid, ready):
        become(NOBODY)
        sock = genl.Socket()
        sock.sock.close()
        os.write(ready, b"x")
        while True:
            sock.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      genl.NETLINK_GENERIC)
            with contextlib.suppress(OSError):
                sock.sock.bind((portid, 0))
                break
            sock.sock.close()
        sock.no_note(0.05)
        return True

    for _ in range(TRIES):
        daemon = Daemon(port, (genl.S_REBIND_MS, u32(0)), (genl.S_ECHO, u32(0)))
        us, ready = os.pipe()

        def end():
            os.read(us, 1)
            port.write(SECRET + b"\r")
            daemon.close()

        def spin(portid=daemon.portid, sock=daemon.sock, ready=ready):
            sock.close()
            return wait_for(portid, ready)
        in_child(spin, end)
        os.close(us)
        os.close(ready)
        port.read(4096, 0.01)


# ---- who is told ----

def test_a_change_of_who_may_own_is_told_to_all(port, admin):
    with genl.Socket() as watcher:
        watcher.join(genl.header_strings()["N_AT_MCGRP_PORTS"])
        name_owner(admin, port, USER)
        attrs = watcher.note(genl.CMD_PORT_CHANGE_NTF)
        assert num(attrs[A_PORT]) == port.id
        assert attrs[A_TTY] == port.tty.encode() + b"\0"
        assert not {A_SETTINGS, A_OWNER, A_OWNER_UID, A_OWNER_GID,
                    A_DATA} & set(attrs)
        watcher.no_note()


def test_a_port_that_is_free_again_is_told(port, admin):
    with genl.Socket() as watcher:
        watcher.join(genl.header_strings()["N_AT_MCGRP_PORTS"])
        with Daemon(port):
            watcher.no_note()
        attrs = watcher.note(genl.CMD_PORT_CHANGE_NTF)
        assert num(attrs[A_PORT]) == port.id
