# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What each command refuses: the errno, and a sentence for a person."""
import errno
import struct

import pytest

import genl
from genl import (A_DATA, A_DATA_LEN, A_FLAGS, A_PORT, A_SEQ,
                  A_SETTINGS, FLAG_FINAL, u8, u32)
from conftest import (CLONE_NEWNET, KERNEL, Daemon, Port, become_nobody,
                      in_child, refused, unshare)

NLM_F_APPEND = 0x800
ALL_PORT_COMMANDS = [genl.CMD_PORT_GET, genl.CMD_PORT_SET, genl.CMD_BIND,
                     genl.CMD_UNBIND, genl.CMD_REPLY, genl.CMD_URC]
ALL_COMMANDS = ALL_PORT_COMMANDS + [genl.CMD_MONITOR]


def reply_without(daemon, seq, missing):
    return [a for a in daemon.reply_attrs(seq, b"x") if a[0] != missing]


def attrs_of(cmd, daemon, seq):
    """What it takes beside PORT."""
    return {genl.CMD_PORT_SET: [(A_SETTINGS, [(genl.S_ECHO, u32(1))])],
            genl.CMD_REPLY: daemon.reply_attrs(seq, b"x")[1:],
            genl.CMD_URC: [(A_DATA, b"x")]}.get(cmd, [])


@pytest.mark.parametrize("cmd", ALL_COMMANDS)
def test_unknown_port(port, daemon, cmd):
    with refused(errno.ENODEV):
        daemon.call(cmd, (A_PORT, u32(0xfffffff0)), *attrs_of(cmd, daemon, 1))


def test_a_dump_is_of_all_ports(port, admin):
    # an older kernel has no room for the sentence where a dump begins
    with refused(errno.EINVAL, sentence=KERNEL > (6, 1)):
        admin.dump(genl.CMD_PORT_GET, port.ref)


@pytest.mark.parametrize("cmd", ALL_PORT_COMMANDS)
def test_port_is_missing(daemon, cmd):
    with refused(errno.EINVAL):
        daemon.call(cmd)


def test_reply_lacks_its_number(daemon, executing):
    with refused(errno.EINVAL):
        daemon.call(genl.CMD_REPLY, *reply_without(daemon, executing, A_SEQ))


def test_urc_lacks_data(port, daemon):
    with refused(errno.EINVAL):
        daemon.call(genl.CMD_URC, port.ref)


def test_port_set_lacks_settings(port, daemon):
    with refused(errno.EINVAL):
        daemon.call(genl.CMD_PORT_SET, port.ref)


@pytest.mark.parametrize("setting, value, code", [
    (genl.S_ECHO, u32(2), errno.ERANGE),
    (genl.S_ECHO_CR, u32(2), errno.ERANGE),
    (genl.S_REPEAT, u32(255), errno.ERANGE),
    (genl.S_S3, u32(128), errno.ERANGE),
    (genl.S_S4, u32(128), errno.ERANGE),
    (genl.S_S5, u32(128), errno.ERANGE),
    (genl.S_LINE_MAX, u32(63), errno.ERANGE),
    (genl.S_LINE_MAX, u32(16385), errno.ERANGE),
    (genl.S_URC_HOLD_MS, u32(60001), errno.ERANGE),
    (genl.S_DATA_TIMEOUT_MS, u32(99), errno.ERANGE),
    (genl.S_DATA_TIMEOUT_MS, u32(3600001), errno.ERANGE),
    (genl.S_REBIND_MS, u32(600001), errno.ERANGE),
    (genl.S_ORPHAN_REPLY, b"x" * (genl.ORPHAN_MAX + 1), errno.ERANGE),
    (genl.S_SPEED, u32(0), errno.ERANGE),
    (genl.S_SPEED, u32(49), errno.ERANGE),
    (genl.S_SPEED, u32(16000001), errno.ERANGE),
    (genl.S_DATA_BITS, u32(4), errno.ERANGE),
    (genl.S_DATA_BITS, u32(9), errno.ERANGE),
    (genl.S_PARITY, u32(5), errno.ERANGE),
    (genl.S_STOP_BITS, u32(0), errno.ERANGE),
    (genl.S_STOP_BITS, u32(3), errno.ERANGE),
    (genl.S_FLOW, u32(8), errno.EINVAL),
    (genl.S_WATCH, u32(4), errno.EINVAL),
    (genl.S_LINE_MAX, u8(100), errno.EINVAL),   # a wrong width
    (99, u32(1), errno.EINVAL),                 # no such setting
])
def test_setting_out_of_bounds(port, admin, setting, value, code):
    before = admin.call(genl.CMD_PORT_GET, port.ref)[A_SETTINGS]
    with refused(code):
        admin.call(genl.CMD_PORT_SET, port.ref,
                   (A_SETTINGS, [(genl.S_URC_HOLD_MS, u32(7)),
                                 (setting, value)]))
    assert admin.call(genl.CMD_PORT_GET, port.ref)[A_SETTINGS] == before


@pytest.mark.parametrize("attr, code", [
    ((A_DATA_LEN, u32(genl.DATA_MAX + 1)), errno.ERANGE),
    ((A_FLAGS, u32(FLAG_FINAL | 1 << 20)), errno.EINVAL),
    ((A_DATA, b"x" * (genl.OUT_MAX + 1)), errno.ERANGE),
    ((A_SEQ, u8(1)), errno.EINVAL),
    ((A_SETTINGS, [(genl.S_ECHO, u32(9))]), errno.ERANGE),
])
def test_reply_out_of_bounds(port, daemon, executing, attr, code):
    attrs = [a for a in daemon.reply_attrs(executing) if a[0] != attr[0]]
    if attr[0] == A_DATA_LEN:
        attrs = [a for a in attrs if a[0] != A_FLAGS]
    with refused(code):
        daemon.call(genl.CMD_REPLY, *attrs, attr)
    port.quiet()
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")


def test_reply_cannot_end_and_ask_for_data(daemon, executing):
    with refused(errno.EINVAL):
        daemon.call(genl.CMD_REPLY, *daemon.reply_attrs(executing, b"x"),
                    (A_DATA_LEN, u32(3)))


def test_urc_too_long(port, daemon):
    with refused(errno.ERANGE):
        daemon.urc(b"x" * (genl.OUT_MAX + 1))


@pytest.mark.parametrize("cmd", [genl.CMD_BIND, genl.CMD_MONITOR])
def test_attribute_of_another_command(port, daemon, cmd):
    """Each command has a policy of its own, and it is strict."""
    with refused(errno.EINVAL):
        daemon.call(cmd, port.ref, (A_DATA, b"x"))


@pytest.mark.skipif(KERNEL < (6, 1),
                    reason="older generic netlink does not look")
@pytest.mark.parametrize("header", [{"reserved": 1},
                                    {"flags": genl.ACK | NLM_F_APPEND}])
def test_reserved_bits_of_the_header(port, admin, header):
    """They can be given a meaning later only if nobody sets them now."""
    with refused(errno.EINVAL):
        admin.call(genl.CMD_PORT_GET, port.ref, **header)


def test_second_bind(port, daemon, admin):
    with refused(errno.EBUSY):
        admin.call(genl.CMD_BIND, port.ref)
    assert genl.num(daemon.get()[genl.A_OWNER]) == daemon.portid


def test_bind_twice_by_the_same(port, daemon):
    with refused(errno.EBUSY):
        daemon.call(genl.CMD_BIND, port.ref)


@pytest.mark.parametrize("cmd, attrs", [
    (genl.CMD_UNBIND, []),
    (genl.CMD_URC, [(A_DATA, b"x")]),
])
def test_stranger(port, daemon, admin, cmd, attrs):
    with refused(errno.EPERM):
        admin.call(cmd, port.ref, *attrs)


def test_stranger_replies(port, daemon, admin, executing):
    with refused(errno.EPERM):
        admin.call(genl.CMD_REPLY, *daemon.reply_attrs(executing, b"x"))
    port.quiet()
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")


@pytest.mark.parametrize("cmd", [genl.CMD_UNBIND, genl.CMD_URC,
                                 genl.CMD_REPLY])
def test_nobody_owns_it(port, admin, cmd):
    attrs = {genl.CMD_UNBIND: [],
             genl.CMD_URC: [(A_DATA, b"x")],
             genl.CMD_REPLY: [(A_SEQ, u32(1)), (A_FLAGS, u32(FLAG_FINAL))]}[cmd]
    with refused(errno.EPERM):
        admin.call(cmd, port.ref, *attrs)


def test_stale_sequence(port, daemon, executing):
    for seq in executing - 1, executing + 1:
        with refused(errno.ESTALE):
            daemon.reply(seq & 0xffffffff)
    port.quiet()
    assert daemon.counter(genl.C_STALE) == 2
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")


def test_the_answer_to_the_line_does_not_answer_the_data(port, daemon,
                                                         executing):
    daemon.reply(executing, b">", data_len=1)
    port.expect(b">")
    port.write(b"a")
    daemon.note(genl.CMD_DATA_NTF)
    with refused(errno.ESTALE):
        daemon.reply(executing)
    daemon.reply(executing + 1)
    port.expect(b"\r\nOK\r\n")


def test_reply_when_no_line_is_there(port, daemon, executing):
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")
    with refused(errno.EPROTO):
        daemon.reply(executing)
    port.quiet()


def test_reply_while_data_are_taken(port, daemon, executing):
    daemon.reply(executing, b">", data_len=3)
    port.expect(b">")
    with refused(errno.EPROTO):
        daemon.reply(executing, final=False)
    with refused(errno.EPROTO):
        daemon.reply(executing, data_len=4)
    port.write(b"abc")
    assert daemon.note(genl.CMD_DATA_NTF)[A_DATA] == b"abc"


def test_full_output_queue(port, daemon):
    """Refused whole; TX_SPACE_NTF when it drained; nothing lost or cut."""
    sent = []
    with refused(errno.EAGAIN):
        for number in range(2000):
            urc = b"\r\n+U: %04d " % number + b"u" * 1000 + b"\r\n"
            daemon.urc(urc)
            sent.append(urc)
    assert daemon.counter(genl.C_REFUSED) == 1
    daemon.no_note()
    data = b"".join(sent)
    assert port.read(len(data)) == data
    daemon.note(genl.CMD_TX_SPACE_NTF)
    port.quiet()
    daemon.urc(b"<more>")
    port.expect(b"<more>")


def test_reply_to_a_full_output_queue(port, daemon, executing):
    taken = 0
    with refused(errno.EAGAIN):
        while True:
            daemon.reply(executing, b"r" * 1000, final=False)
            taken += 1000
    with refused(errno.EAGAIN):
        daemon.reply(executing, b"z" * 1000)
    assert daemon.mode() == genl.MODE_EXECUTING
    assert port.read(taken) == b"r" * taken
    daemon.note(genl.CMD_TX_SPACE_NTF)
    daemon.reply(executing, b"z" * 1000)
    port.expect(b"z" * 1000)


@pytest.mark.parametrize("cmd", ALL_COMMANDS[1:])
def test_unprivileged(port, daemon, executing, cmd):
    def refuse():
        become_nobody()
        try:
            genl.Socket().call(cmd, port.ref,
                               *attrs_of(cmd, daemon, executing))
        except genl.Refused as error:
            return error.errno == errno.EPERM
    in_child(refuse)
    port.quiet()
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")


def test_unprivileged_attach():
    def refuse():
        import fcntl
        import pty
        import termios
        become_nobody()
        _, slave = pty.openpty()
        try:
            fcntl.ioctl(slave, termios.TIOCSETD,
                        struct.pack("=i", genl.LDISC))
        except OSError as error:
            return error.errno == errno.EPERM
    in_child(refuse)


def test_another_network_namespace_sees_nothing(port):
    def isolated():
        unshare(CLONE_NEWNET)
        with genl.Socket() as other:
            if other.dump(genl.CMD_PORT_GET):
                return False
            try:
                other.call(genl.CMD_BIND, port.ref)
            except genl.Refused as error:
                return error.errno == errno.ENODEV
    in_child(isolated)


def test_a_port_of_another_network_namespace(admin):
    def isolated():
        unshare(CLONE_NEWNET)
        with genl.Socket() as other:
            port = Port(other)
            with Daemon(port) as daemon:
                port.write(b"AT\r")
                daemon.line(b"AT")
            ids = [genl.num(p[A_PORT])
                   for p in admin.dump(genl.CMD_PORT_GET)]
            return port.id not in ids
    in_child(isolated)
