# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A guest whose 8250 is wired to us with modem lines.

    test: master == pty == QEMU's 8250 = ttyS1: n_at - atmqttd
             └ RUN/modem/pts-N: RTS, CTS ┘
"""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
os.environ.setdefault("ATMQTT_BED", f"/tmp/atmqtt-uart-{os.getuid()}")

import bed              # noqa: E402
from wire import Wire   # noqa: E402


@pytest.fixture(scope="session")
def guest():
    wire = Wire()
    info = bed.up("--wire", wire.name)
    wire.lines = os.path.join(info["run"], "modem",
                              wire.name.removeprefix("/dev/").replace("/", "-"))
    info["wire"] = wire
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
