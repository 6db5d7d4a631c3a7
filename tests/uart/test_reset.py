# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A host's RESET output wired to us: break, DCD, DSR; the real daemon."""
import json
import pathlib
import time

import pytest

import bed
from talk import daemon, until
from wire import DCD, DSR

OK = b"\r\nOK\r\n"
BOOT = b"\r\nAT command ready\r\n\r\n+SIM READY\r\n"
BOOT_S = 1


@pytest.fixture
def resets(guest, wire):
    """Starts the daemon with reset_on, a host that has set its echo off."""
    def resets(*on):
        daemon(guest, reset_on="{" + ", ".join(on) + "}",
               boot_ms=1000 * BOOT_S)
        wire.drain()
        wire.write(b"ATE0\r")
        wire.drain()

    yield resets
    for line in DCD, DSR:
        wire.drive(line, True)
    daemon(guest)
    wire.drain()


def restarted(wire, begun):
    """The boot lines come in time, and the echo is as after power-on."""
    wire.expect(BOOT, 20)
    took = time.monotonic() - begun
    print(f"boot lines after {took:.2f} s")
    assert took >= BOOT_S - 0.05
    wire.write(b"AT\r")
    wire.expect(b"AT\r" + OK)


def modem_lines(guest):
    ctl = pathlib.Path(guest["atmqttd"]).parent / "atmqttctl"
    port, = json.loads(bed.run(ctl, "status", "--json").stdout)["ports"]
    return port["modem"]


def is_as_it_was(wire):
    """No boot lines, no echo."""
    wire.write(b"\rAT\r")
    wire.expect(OK)
    assert not wire.take(BOOT_S * 2)


def test_a_long_break_restarts(wire, resets):
    resets("break")
    begun = time.monotonic()
    wire.breaks()
    restarted(wire, begun)


def test_a_long_break_restarts_within_data(wire, resets):
    resets("break")
    wire.write(b'AT+GTSSLFILE="CAFILE",500\r')
    wire.expect(b"\r\n>\r\n")
    wire.write(b"-----BEGIN")
    time.sleep(0.5)
    begun = time.monotonic()
    wire.breaks()
    wire.expect(b"\r\nERROR\r\n")
    restarted(wire, begun)


def test_a_short_break_does_not(wire, resets):
    resets("break", "dcd", "dsr")
    wire.breaks()
    wire.write(b"AT\r")
    wire.expect(OK)
    is_as_it_was(wire)


def test_another_speed_does_not(wire, resets):
    """Its lines end in zeros, which are a break, and then it waits."""
    resets("break", "dcd", "dsr")
    for _ in range(5):
        wire.breaks(20)
        wire.write(b"\xf0\x80")
        wire.breaks(20)
        time.sleep(0.5)
    is_as_it_was(wire)


def test_a_break_restarts_only_if_it_is_meant_to(guest, wire, resets):
    resets("none")
    assert modem_lines(guest) is None
    wire.breaks()
    time.sleep(0.3)
    is_as_it_was(wire)


@pytest.mark.parametrize("line, name", [(DCD, "dcd"), (DSR, "dsr")])
def test_the_loss_of_a_modem_line_restarts(guest, wire, resets, line, name):
    resets("break", name)
    until(lambda: modem_lines(guest) == [name])
    wire.drive(line, False)
    assert not wire.take(BOOT_S * 2)
    assert modem_lines(guest) == []
    begun = time.monotonic()
    wire.drive(line, True)
    restarted(wire, begun)


def test_a_modem_line_within_data(wire, resets):
    """What the host sends then is a command at once."""
    resets("dsr")
    wire.write(b'AT+GTSSLFILE="CAFILE",500\r')
    wire.expect(b"\r\n>\r\n")
    wire.write(b"-----BEGIN")
    time.sleep(0.5)
    wire.drive(DSR, False)
    time.sleep(0.3)
    wire.drive(DSR, True)
    wire.drain(BOOT_S)
    wire.write(b"AT\r")
    wire.expect(b"AT\r" + OK)


def test_a_modem_line_restarts_only_if_it_is_meant_to(wire, resets):
    resets("break", "dsr")
    wire.drive(DCD, False)
    time.sleep(0.3)
    is_as_it_was(wire)
