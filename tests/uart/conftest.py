# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A guest whose 8250 is wired to us with modem lines.

    test: master == pty == QEMU's 8250 = ttyS1: n_at - atmqttd, or owner.py
             ├ RUN/modem/pts-N: RTS, CTS, DSR, DCD ┤
             └ RUN/qmp.sock: breaks ───────────────┘
"""
import os
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "netlink")]
os.environ.setdefault("ATMQTT_BED", f"/tmp/atmqtt-uart-{os.getuid()}")

import bed              # noqa: E402
from wire import DCD, DSR, Wire   # noqa: E402
from talk import Owner, control, daemon     # noqa: E402


@pytest.fixture(scope="session")
def guest():
    wire = Wire()
    info = bed.up("--wire", wire.name, "--no-daemon")
    wire.lines = os.path.join(info["run"], "modem",
                              wire.name.removeprefix("/dev/").replace("/", "-"))
    wire.qmp = os.path.join(info["run"], "qmp.sock")
    info["wire"] = wire
    daemon(info)
    yield info
    try:
        bed.check_log()
    finally:
        bed.down()


@pytest.fixture
def wire(guest):
    """Echo off, the host's lines up."""
    wire = guest["wire"]
    wire.cts(True)
    wire.write(b"\rATE0\r")
    wire.drain()
    return wire


@pytest.fixture
def owner(guest, wire):
    """owner.py in place of the daemon; echo on, the host's lines up."""
    for line in DSR, DCD:
        wire.drive(line, True)
    control("stop")
    try:
        with Owner(guest["ttys"][0]) as owner:
            owner.ask(set={"ECHO": 1})
            yield owner
    finally:
        daemon(guest)
