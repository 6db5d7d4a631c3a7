# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What each command does when nothing is wrong."""
import pytest

import genl
from genl import (A_COUNTERS, A_DATA, A_FLAGS, A_MODE, A_OWNER, A_PORT,
                  A_SEQ, A_SETTINGS, A_TTY, MODE_COMMAND, MODE_DATA,
                  MODE_EXECUTING, MODE_ORPHAN, num, u32)
from conftest import Daemon, Port

DEFAULTS = {
    genl.S_ECHO: u32(1), genl.S_ECHO_CR: u32(1), genl.S_REPEAT: u32(1),
    genl.S_S3: u32(13), genl.S_S4: u32(10), genl.S_S5: u32(8),
    genl.S_LINE_MAX: u32(4096), genl.S_URC_HOLD_MS: u32(1000),
    genl.S_DATA_TIMEOUT_MS: u32(20000), genl.S_REBIND_MS: u32(5000),
    genl.S_ORPHAN_REPLY: b"\r\nERROR\r\n",
    # of a pty that is raw
    genl.S_SPEED: u32(38400), genl.S_DATA_BITS: u32(8),
    genl.S_PARITY: u32(genl.PARITY_NONE), genl.S_STOP_BITS: u32(1),
    genl.S_FLOW: u32(0), genl.S_WATCH: u32(0), genl.S_EXEC_TIMEOUT_MS: u32(0),
}
COUNTERS = {value for name, value in genl.header_values().items()
            if name.startswith("N_AT_C_")}


def test_port_get(port, admin):
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs[A_PORT]) == port.id
    assert attrs[A_TTY] == port.tty.encode() + b"\0"
    assert num(attrs[A_MODE]) == MODE_ORPHAN
    assert A_OWNER not in attrs and genl.A_MODEM not in attrs
    assert genl.unpack(attrs[A_SETTINGS]) == DEFAULTS
    counters = genl.unpack(attrs[A_COUNTERS])
    assert COUNTERS <= set(counters)
    assert all(num(counters[c]) == 0 for c in COUNTERS)


def test_dump_shows_every_port(port, port2, admin):
    ids = [num(p[A_PORT]) for p in admin.dump(genl.CMD_PORT_GET)]
    assert {port.id, port2.id} <= set(ids)
    assert len(ids) == len(set(ids))


def test_dump_of_more_than_one_buffer(admin):
    ports = [Port(admin) for _ in range(60)]
    try:
        ids = {num(p[A_PORT]) for p in admin.dump(genl.CMD_PORT_GET)}
        assert ids >= {p.id for p in ports}
    finally:
        for port in ports:
            port.close()


def test_ids_are_not_reused_at_once(admin):
    seen = set()
    for _ in range(5):
        port = Port(admin)
        seen.add(port.id)
        port.close()
    assert len(seen) == 5


def test_bind_answers_as_port_get(port):
    with Daemon(port) as daemon:
        assert num(daemon.attrs[A_OWNER]) == daemon.portid
        assert num(daemon.attrs[A_MODE]) == MODE_COMMAND
        assert daemon.attrs[A_TTY] == port.tty.encode() + b"\0"
        assert {A_SETTINGS, A_COUNTERS} <= set(daemon.attrs)


def test_unbind_frees_the_port(port, daemon):
    daemon.call(genl.CMD_UNBIND, port.ref)
    assert daemon.mode() == MODE_ORPHAN
    with Daemon(port):
        pass


def test_a_line_and_its_answer(port, daemon):
    port.write(b"noise AT+X=1\r")
    attrs = daemon.note(genl.CMD_LINE_NTF)
    assert num(attrs[A_PORT]) == port.id
    assert attrs[A_DATA] == b"AT+X=1"
    assert num(attrs.get(A_FLAGS, u32(0))) == 0
    assert daemon.mode() == MODE_EXECUTING
    daemon.reply(num(attrs[A_SEQ]))
    port.expect(b"\r\nOK\r\n")
    assert daemon.mode() == MODE_COMMAND


def test_one_line_at_a_time(port, daemon):
    port.write(b"AT1\rAT2\rAT3\r")
    for line in b"AT1", b"AT2", b"AT3":
        seq = daemon.line(line)
        daemon.no_note()
        port.quiet(0)
        daemon.reply(seq, b"<" + line + b">")
        port.expect(b"<" + line + b">")


def test_sequence_numbers_rise(port, daemon):
    last = None
    for _ in range(3):
        port.write(b"AT\r")
        seq = daemon.line(b"AT")
        assert last is None or seq == last + 1
        daemon.reply(seq)
        last = seq


def test_echo(port):
    with Daemon(port) as daemon:
        port.write(b"AT\r")
        port.expect(b"AT\r")
        daemon.reply(daemon.line(b"AT"))
        port.expect(b"\r\nOK\r\n")


def test_reply_in_parts(port, daemon, executing):
    daemon.reply(executing, b"\r\n+X: 1\r\n", final=False)
    port.expect(b"\r\n+X: 1\r\n")
    assert daemon.mode() == MODE_EXECUTING
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")


def test_an_empty_final_reply(port, daemon, executing):
    daemon.reply(executing, b"")
    port.quiet()
    assert daemon.mode() == MODE_COMMAND


def test_data(port, daemon, executing):
    payload = bytes(range(256)) * 4
    daemon.reply(executing, b"\r\n>\r\n", data_len=len(payload))
    port.expect(b"\r\n>\r\n")
    assert daemon.mode() == MODE_DATA
    port.write(payload + b"AT\r")
    attrs = daemon.note(genl.CMD_DATA_NTF)
    assert attrs[A_DATA] == payload
    assert num(attrs[A_SEQ]) == executing + 1
    assert num(attrs.get(A_FLAGS, u32(0))) == 0
    daemon.no_note()
    daemon.reply(executing + 1)
    port.expect(b"\r\nOK\r\n")
    daemon.reply(daemon.line(b"AT"))
    port.expect(b"\r\nOK\r\n")


def test_data_of_the_greatest_length(port, daemon, executing):
    payload = bytes(i * 7 & 255 for i in range(genl.DATA_MAX))
    daemon.reply(executing, b">", data_len=len(payload))
    port.expect(b">")
    for start in range(0, len(payload), 2048):
        port.write(payload[start:start + 2048])
    assert daemon.note(genl.CMD_DATA_NTF)[A_DATA] == payload


def test_data_time_out(port, daemon, executing):
    daemon.set((genl.S_DATA_TIMEOUT_MS, u32(200)))
    daemon.reply(executing, b">", data_len=10)
    port.expect(b">")
    port.write(b"abc")
    attrs = daemon.note(genl.CMD_DATA_NTF)
    assert num(attrs[A_FLAGS]) == genl.FLAG_TIMEOUT
    assert attrs.get(A_DATA, b"abc") == b"abc"
    assert daemon.mode() == MODE_EXECUTING
    daemon.reply(num(attrs[A_SEQ]), b"\r\nERROR\r\n")
    port.expect(b"\r\nERROR\r\n")
    assert daemon.counter(genl.C_DATA_TIMEOUTS) == 1


def test_overlong_line(port, daemon):
    daemon.set((genl.S_LINE_MAX, u32(64)))
    port.write(b"AT" + b"x" * 63 + b"\r")
    attrs = daemon.note(genl.CMD_LINE_NTF)
    assert num(attrs[A_FLAGS]) == genl.FLAG_OVERLONG
    assert not attrs.get(A_DATA)
    assert daemon.counter(genl.C_OVERLONG) == 1
    daemon.reply(num(attrs[A_SEQ]))
    port.write(b"AT" + b"y" * 62 + b"\r")
    daemon.line(b"AT" + b"y" * 62)


def test_urc(port, daemon):
    daemon.urc(b"\r\n+A: 1\r\n")
    daemon.urc(b"\r\n+B: 2\r\n")
    port.expect(b"\r\n+A: 1\r\n\r\n+B: 2\r\n")
    assert daemon.counter(genl.C_URCS) == 2


def test_urc_waits_for_the_final_reply(port, daemon, executing):
    daemon.urc(b"<1>")
    daemon.urc(b"<2>")
    daemon.reply(executing, b"(part)", final=False)
    port.expect(b"(part)")
    port.quiet()
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n<1><2>")


def test_urc_waits_for_data(port, daemon, executing):
    daemon.reply(executing, b">", data_len=2)
    port.expect(b">")
    daemon.urc(b"<1>")
    port.write(b"a")
    port.quiet()
    port.write(b"b")
    daemon.note(genl.CMD_DATA_NTF)
    port.quiet(0.1)
    daemon.reply(executing + 1)
    port.expect(b"\r\nOK\r\n<1>")


def test_urc_waits_for_a_half_typed_line(port, daemon):
    daemon.set((genl.S_URC_HOLD_MS, u32(60000)))
    port.write(b"AT+X")
    port.quiet(0.1)
    daemon.urc(b"<1>")
    port.quiet()
    port.write(b"\r")
    daemon.reply(daemon.line(b"AT+X"))
    port.expect(b"\r\nOK\r\n<1>")


def test_urc_waits_so_long_at_most(port, daemon):
    daemon.set((genl.S_URC_HOLD_MS, u32(300)))
    port.write(b"AT+X")
    port.quiet(0.1)
    daemon.urc(b"<1>")
    port.expect(b"<1>")
    port.write(b"\r")
    daemon.reply(daemon.line(b"AT+X"))


def test_urc_goes_when_the_half_line_is_deleted(port, daemon):
    daemon.set((genl.S_URC_HOLD_MS, u32(60000)))
    port.write(b"AT")
    port.quiet(0.1)
    daemon.urc(b"<1>")
    port.quiet(0.1)
    port.write(b"\b\b")
    port.expect(b"<1>")


def test_data_are_called_off(port, daemon, executing):
    daemon.reply(executing, b">", data_len=20)
    port.write(b"half of it")
    port.expect(b">")
    daemon.wait_taken()
    assert daemon.mode() == MODE_DATA
    daemon.reply(executing, b"\r\nERROR\r\n")
    port.expect(b"\r\nERROR\r\n")
    assert daemon.mode() == MODE_COMMAND
    port.write(b"AT+X\r")
    daemon.line(b"AT+X")


@pytest.mark.parametrize("setting, value", [
    (genl.S_ECHO, u32(0)), (genl.S_ECHO_CR, u32(0)), (genl.S_REPEAT, u32(0)),
    (genl.S_S3, u32(33)), (genl.S_S4, u32(0)), (genl.S_S5, u32(127)),
    (genl.S_LINE_MAX, u32(64)), (genl.S_LINE_MAX, u32(16384)),
    (genl.S_URC_HOLD_MS, u32(0)), (genl.S_URC_HOLD_MS, u32(60000)),
    (genl.S_DATA_TIMEOUT_MS, u32(100)), (genl.S_DATA_TIMEOUT_MS, u32(3600000)),
    (genl.S_REBIND_MS, u32(0)), (genl.S_REBIND_MS, u32(600000)),
    (genl.S_ORPHAN_REPLY, b"\r\nNO CARRIER\r\n"),
    (genl.S_ORPHAN_REPLY, b"x" * genl.ORPHAN_MAX),
    (genl.S_WATCH, u32(genl.WATCH_DCD | genl.WATCH_DSR)),
])
def test_setting(port, admin, setting, value):
    """One setting changes, the others stay; nobody owns the port."""
    admin.call(genl.CMD_PORT_SET, port.ref, (A_SETTINGS, [(setting, value)]))
    settings = genl.unpack(admin.call(genl.CMD_PORT_GET, port.ref)[A_SETTINGS])
    assert settings == {**DEFAULTS, setting: value}


def test_settings_survive_the_owner(port, admin):
    with Daemon(port, (genl.S_S3, u32(33))):
        pass
    settings = genl.unpack(admin.call(genl.CMD_PORT_GET, port.ref)[A_SETTINGS])
    assert settings[genl.S_S3] == u32(33)


def test_settings_in_a_reply_take_effect_behind_it(port):
    with Daemon(port) as daemon:
        port.write(b"ATE0\rAT\r")
        port.expect(b"ATE0\r")
        daemon.reply(daemon.line(b"ATE0"), settings=[(genl.S_ECHO, u32(0))])
        port.expect(b"\r\nOK\r\n")
        daemon.reply(daemon.line(b"AT"))
        port.expect(b"\r\nOK\r\n")


def test_the_line_end_can_be_set(port, daemon):
    daemon.set((genl.S_S3, u32(ord("!"))))
    port.write(b"AT+X!")
    daemon.line(b"AT+X")


def test_counters(port, daemon, executing):
    daemon.reply(executing)
    port.expect(b"\r\nOK\r\n")
    want = {genl.C_RX_BYTES: 3, genl.C_TX_BYTES: 6, genl.C_LINES: 1,
            genl.C_REPLIES: 1, genl.C_STALE: 0, genl.C_REFUSED: 0}
    assert {c: daemon.counter(c) for c in want} == want


def test_ports_group_tells_of_coming_and_going(admin):
    with genl.Socket() as watcher:
        watcher.join(genl.header_strings()["N_AT_MCGRP_PORTS"])
        port = Port(admin)
        attrs = watcher.note(genl.CMD_PORT_NEW_NTF)
        assert num(attrs[A_PORT]) == port.id
        assert attrs[A_TTY] == port.tty.encode() + b"\0"
        port.close()
        attrs = watcher.note(genl.CMD_PORT_DEL_NTF)
        assert num(attrs[A_PORT]) == port.id
        watcher.no_note()


def test_two_ports_do_not_mix(port, port2):
    with Daemon(port, (genl.S_ECHO, u32(0))) as one, \
         Daemon(port2, (genl.S_ECHO, u32(0))) as two:
        port.write(b"AT1\r")
        port2.write(b"AT2\r")
        two.reply(two.line(b"AT2"), b"<2>")
        port2.expect(b"<2>")
        port.quiet()
        one.reply(one.line(b"AT1"), b"<1>")
        port.expect(b"<1>")
        port2.quiet()


def test_one_daemon_owns_two_ports(port, port2, daemon):
    daemon.call(genl.CMD_BIND, port2.ref)
    port2.write(b"AT2\r")
    port.write(b"AT1\r")
    seen = {num(a[A_PORT]): a[A_DATA]
            for a in (daemon.note(genl.CMD_LINE_NTF) for _ in range(2))}
    assert seen == {port.id: b"AT1", port2.id: b"AT2"}
