# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Breaks and modem lines of an 8250: what is counted, told and not executed.

The emulation makes breaks, no framing or parity errors: it knows no bits.
"""
import time

import pytest

import bed
from genl import (EVENT_BREAK, EVENT_DCD_OFF, EVENT_DCD_ON, EVENT_DSR_OFF,
                  EVENT_DSR_ON, FLAG_BREAK, FLAG_DAMAGED, WATCH_DCD, WATCH_DSR)
from talk import counters, until
from wire import DCD, DSR

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
RESET_S = 0.1


@pytest.fixture
def grown(guest, owner):
    """How much a counter has grown, of the port or of its driver."""
    before = counters(guest)

    def grown(whose, name):
        return counters(guest)[whose].get(name, 0) - before[whose].get(name, 0)
    return grown


def typed(wire, text):
    """It is there: its echo came."""
    wire.write(text)
    wire.expect(text)


def test_the_driver_is_asked_for_damage(guest, owner):
    # opened by a session's leader it would be the session's, and end with it
    told = bed.run("sh", "-c", f"stty -a -F /dev/{guest['ttys'][0]}; exit $?",
                   text=True).stdout.split()
    assert {"inpck", "brkint", "-ignbrk", "-ignpar", "-parmrk"} <= set(told)


def test_a_break_within_a_line(guest, wire, owner, grown):
    typed(wire, b"AT+CM")
    wire.breaks()
    until(lambda: grown("port", "break") == 1)
    wire.write(b"EE?\r")
    wire.expect(b"EE?\r" + ERROR)
    assert owner.next()["event"] == EVENT_BREAK
    owner.expect_line("AT+CMEE?", FLAG_DAMAGED)
    assert grown("driver", "brk") == 1 and grown("port", "damaged") == 1
    typed(wire, b"AT\r")
    wire.expect(OK)
    owner.expect_line("AT")


def test_a_break_within_data(guest, wire, owner, grown):
    """No byte of it is data, and none of the rest is a command."""
    typed(wire, b"AT+D=5\r")
    owner.expect_line("AT+D=5")
    wire.expect(b">")
    wire.write(b"ab")
    until(lambda: grown("port", "rx_bytes") == 9)
    wire.breaks()
    said = owner.next()
    assert (said["data"], said["flags"]) == ("ab", FLAG_DAMAGED | FLAG_BREAK)
    wire.expect(ERROR)
    owner.expect_event(EVENT_BREAK)
    typed(wire, b"AT\r")
    wire.expect(OK)
    owner.expect_line("AT")
    assert grown("port", "rx_bytes") == 9 + 1 + 3


def test_a_long_break_is_told_once(wire, owner):
    """The emulation's lasts for a character; behind it the line is quiet."""
    begun = time.monotonic()
    wire.breaks()
    owner.expect_event(EVENT_BREAK)
    took = time.monotonic() - begun
    print(f"told {took:.3f} s behind the break")
    assert took > RESET_S * 0.9
    owner.quiet(1)


def test_a_break_ahead_of_a_line_is_no_reset(wire, owner):
    wire.breaks()
    typed(wire, b"AT\r")
    wire.expect(OK)
    owner.expect_line("AT")
    owner.quiet(1)


def test_breaks_without_end(guest, wire, owner, grown):
    """A host at a lower speed: counted and no reset, and one line afterwards
    is a line."""
    begun = time.monotonic()
    wire.breaks(1000)
    took = time.monotonic() - begun
    owner.quiet(1)
    told = grown("port", "break")
    print(f"{told} of 1000 breaks in {took:.1f} s, no event")
    assert 0 < told == grown("driver", "brk")
    typed(wire, b"\rAT\r")
    wire.expect(OK)
    owner.expect_line("AT")


# ---- modem lines ----

@pytest.fixture
def watch(owner):
    owner.ask(set={"WATCH": WATCH_DSR | WATCH_DCD})
    until(lambda: owner.ask()["modem"] == WATCH_DSR | WATCH_DCD)
    yield
    owner.ask(set={"WATCH": 0})


@pytest.mark.parametrize("line, off, on, left", [
    (DSR, EVENT_DSR_OFF, EVENT_DSR_ON, WATCH_DCD),
    (DCD, EVENT_DCD_OFF, EVENT_DCD_ON, WATCH_DSR),
])
def test_a_modem_line_goes_and_comes(wire, owner, watch, line, off, on, left):
    """CLOCAL is set, so the driver has no interrupt for them."""
    owner.quiet(0.3)
    begun = time.monotonic()
    wire.drive(line, False)
    owner.expect_event(off)
    print(f"told after {time.monotonic() - begun:.3f} s")
    assert owner.ask()["modem"] == left
    wire.drive(line, True)
    owner.expect_event(on)
    owner.quiet(0.3)


def test_a_pulse_of_a_modem_line(wire, owner, watch):
    wire.drive(DSR, False)
    time.sleep(0.2)
    wire.drive(DSR, True)
    owner.expect_event(EVENT_DSR_OFF)
    owner.expect_event(EVENT_DSR_ON)
    typed(wire, b"AT\r")
    wire.expect(OK)
    owner.expect_line("AT")


def test_modem_lines_that_are_not_watched(wire, owner):
    wire.drive(DSR, False)
    wire.drive(DCD, False)
    owner.quiet(0.5)
    assert owner.ask()["modem"] is None
    owner.ask(set={"WATCH": WATCH_DSR})
    until(lambda: owner.ask()["modem"] == 0)
    wire.drive(DCD, True)
    owner.quiet(0.5)
    wire.drive(DSR, True)
    owner.expect_event(EVENT_DSR_ON)
    owner.ask(set={"WATCH": 0})
