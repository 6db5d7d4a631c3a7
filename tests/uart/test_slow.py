# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A long message for a host that is slow, or holds it in its middle.

The emulated 8250 sends as fast as the pty takes it.  So the host does not read
at first, and one of several messages is stuck in its middle.
"""
import time

import pytest

import genl
from talk import counters, until

OK = b"\r\nOK\r\n"
FIFO = 16
MESSAGES = 21           # more than the pty takes
XON, XOFF = b"\x11", b"\x13"


def message(number):
    return f'\r\n+MQTTMSG: 1,0,"{number:02}","{"0123456789" * 150}"\r\n'


def stable(guest):
    """Bytes that the driver has given the UART, when that is at rest."""
    seen = [-1]

    def at_rest():
        seen.append(counters(guest)["driver"]["tx"])
        return seen[-1] == seen[-2]

    until(at_rest, 30)
    return seen[-1]


@pytest.fixture
def stuck(guest, wire, owner):
    """A message is half out; returns what must come in all."""
    def stuck(flow):
        owner.ask(set={"FLOW": flow, "SPEED": 9600})
        time.sleep(0.5)
        wire.drain(0.2)
        first = stable(guest)
        messages = list(map(message, range(MESSAGES)))
        for text in messages:
            owner.ask(urc=text)
        want = "".join(messages).encode()
        assert stable(guest) < first + len(want) - FIFO
        return want
    yield stuck
    owner.ask(set={"FLOW": 0, "SPEED": 115200})
    wire.drain(0.2)


def held(guest, wire):
    """The host holds; how many bytes came out all the same."""
    before = stable(guest)
    while wire.take(0.5):
        pass
    time.sleep(1)
    while wire.take(0.5):
        pass
    after = stable(guest)
    print(f"{after - before} bytes after the host held it, "
          f"{len(wire.got)} bytes of messages of {len(message(0))}")
    return after - before


def stops_and_goes_on(guest, wire, owner, want, hold, go):
    """Nothing is lost, and a command typed meanwhile waits its turn."""
    hold()
    time.sleep(0.5)
    assert held(guest, wire) <= FIFO
    assert 0 < len(wire.got) < len(want)
    assert len(wire.got) % len(message(0))
    wire.write(b"AT+X\r")
    owner.expect_line("AT+X")
    assert not wire.take(0.5)
    go()
    wire.expect(want + b"AT+X\r" + OK, 20)
    assert not wire.take(0.5)


def test_cts_in_the_middle_of_a_message(guest, wire, owner, stuck):
    stops_and_goes_on(guest, wire, owner, stuck(genl.FLOW_RTS_CTS),
                      lambda: wire.cts(False), lambda: wire.cts(True))


def test_xoff_in_the_middle_of_a_message(guest, wire, owner, stuck):
    stops_and_goes_on(guest, wire, owner, stuck(genl.FLOW_XON_OUT),
                      lambda: wire.write(XOFF), lambda: wire.write(XON))


def test_a_message_without_a_gap(guest, wire, owner):
    """What the host sees of it, read as it comes."""
    owner.ask(set={"SPEED": 9600})
    time.sleep(0.5)
    wire.drain(0.2)
    before = counters(guest)["port"]
    owner.ask(urc=message(0))
    times = []
    while len(wire.got) < len(message(0)):
        assert wire.take(5)
        times.append(time.monotonic())
    gaps = [b - a for a, b in zip(times, times[1:])]
    print(f"{len(times)} reads, {times[-1] - times[0]:.3f} s, "
          f"longest gap {max(gaps, default=0) * 1000:.1f} ms")
    wire.expect(message(0).encode())
    after = counters(guest)["port"]
    assert after["tx_bytes"] - before["tx_bytes"] == len(message(0))
    owner.ask(set={"SPEED": 115200})
