# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A megabyte through an 8250 whose daemon, or whose host, stalls."""
import time

import pytest

import bed
from talk import counters, until

SIZE = 1 << 20
OK = b"\r\nOK\r\n"
STALL_S = 2
# What a host may still get after CTS fell: the fifo, what QEMU polls for, and
# what was in the pty.
AFTER_CTS = 4096


def signal_daemon(guest, name):
    pids = bed.pids(guest["atmqttd"])
    assert pids
    bed.signal(name, *pids)


def line(number):
    return (b'AT+MQTTUSER=1,"u%06d","%s";+MQTTUSER?\r'
            % (number, b"p" * 200))


def answer(number):
    return b'\r\n+MQTTUSER: 1,"u%06d","%s"\r\n' % (number, b"p" * 200) + OK


class Talk:
    """Lines go out as RTS allows, their answers are held against what must
    come."""

    def __init__(self, wire, first, lines):
        self.wire = wire
        self.out = b"".join(map(line, range(first, first + lines)))
        self.want = b"".join(map(answer, range(first, first + lines)))
        self.taken = 0

    def step(self):
        if self.out:
            self.out = self.wire.put_with_flow_control(self.out)
        self.look(self.wire.take(0 if self.out else 0.05))

    def look(self, size):
        if not size:
            return
        got, self.wire.got = self.wire.got, b""
        assert got == self.want[self.taken:self.taken + len(got)]
        self.taken += len(got)

    def until(self, condition, seconds=120):
        end = time.monotonic() + seconds * bed.SLOW
        while not condition():
            assert time.monotonic() < end, (
                f"{len(self.out)} bytes to send, "
                f"{len(self.want) - self.taken} to come")
            self.step()

    def for_so_long(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()


@pytest.fixture
def flow(guest, wire):
    """RTS/CTS both ways."""
    wire.write(b"AT+IFC=2,2\r")
    wire.expect(OK)
    wire.write(b"AT\r")
    wire.expect(OK)
    yield
    wire.write(b"AT+IFC=0,0\r")
    wire.drain()


def test_a_megabyte_each_way_with_rts_cts(guest, wire, flow):
    """The daemon stops, then the host does: no byte is lost or doubled."""
    before, sent = counters(guest), wire.sent
    assert wire.rts()
    talk = Talk(wire, 0, SIZE // len(answer(0)) + 1)
    size, want = len(talk.out), len(talk.want)
    assert size > SIZE and want > SIZE

    talk.until(lambda: len(talk.out) < size * 2 // 3)
    signal_daemon(guest, "STOP")
    try:
        talk.until(lambda: not wire.rts())
        left = len(talk.out)
        talk.for_so_long(STALL_S)
        assert len(talk.out) == left and not wire.rts()
    finally:
        signal_daemon(guest, "CONT")
    talk.until(wire.rts)

    talk.until(lambda: talk.taken > want * 2 // 3)
    wire.cts(False)
    stopped = talk.taken
    talk.for_so_long(STALL_S)
    assert talk.taken - stopped < AFTER_CTS
    stopped = talk.taken
    talk.for_so_long(STALL_S)
    assert talk.taken == stopped
    wire.cts(True)
    talk.until(lambda: talk.taken == want)
    assert not wire.take(0.5)

    after = counters(guest)
    print(f"{size} bytes in, {want} out;", after)

    def grown(whose, name):
        return after[whose].get(name, 0) - before[whose].get(name, 0)

    assert grown("port", "throttled") >= 1
    assert grown("port", "rx_bytes") == wire.sent - sent == size
    assert grown("port", "tx_bytes") == want
    assert grown("driver", "rx") == size and grown("driver", "tx") == want
    for name in "lost", "overrun", "damaged", "overlong", "frame", "parity":
        assert grown("port", name) == 0, name


def test_without_flow_control_each_lost_byte_is_counted(guest, wire):
    """More than the tty's buffer takes, which is up to twice 640 KiB, while
    nobody reads it."""
    before, sent = counters(guest), wire.sent
    signal_daemon(guest, "STOP")
    try:
        wire.write(b"".join(map(line, range(2 * SIZE // len(line(0))))))
        total = wire.sent - sent
        until(lambda: counters(guest)["driver"]["rx"]
              - before["driver"]["rx"] == total, 60)
    finally:
        signal_daemon(guest, "CONT")

    def seen_and_lost():
        wire.drain()            # or the daemon waits for us
        after = counters(guest)
        return [after["port"][name] - before["port"][name]
                for name in ("rx_bytes", "lost")]

    until(lambda: sum(seen_and_lost()) >= total, 120)
    wire.drain()
    seen, lost = seen_and_lost()
    after = counters(guest)
    print(f"{total} bytes, {lost} lost;", after)
    assert lost > 0 and seen + lost == total
    assert after["driver"]["bo"] - before["driver"].get("bo", 0) == lost
    wire.write(b"\rAT\r")
    wire.drain()
    wire.write(b"AT+CMEE?\r")
    wire.expect(b"\r\n+CMEE: 1\r\n" + OK)
