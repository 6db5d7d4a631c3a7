# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""How long a host's bytes hold an unsolicited result, in real time.

A busy machine lets the test itself wait now and then: the upper limits are
those of the median.
"""
import contextlib
import os
import statistics
import threading
import time

import pytest

import genl
from genl import u32

HOLD_S = 0.5
SLACK_S = 0.5           # of n_at, on a busy machine
URC = b"<<<+URC: 1>>>"


@pytest.fixture
def hold(daemon):
    daemon.set((genl.S_URC_HOLD_MS, u32(int(HOLD_S * 1000))))


def waited(port, daemon, since=None):
    """Seconds to a URC's last byte, from there or from some time before."""
    begun = since or time.monotonic()
    daemon.urc(URC)
    port.expect(URC)
    return time.monotonic() - begun


@contextlib.contextmanager
def sending(port, data):
    """The host sends it again and again, without a pause."""
    stop = threading.Event()

    def send():
        while not stop.is_set():
            os.write(port.master, data)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def tell(what, times):
    print(f"{what}: median {statistics.median(times) * 1000:.1f} ms, "
          f"longest {max(times) * 1000:.1f} ms of {len(times)}")


def test_a_port_at_rest(port, daemon, hold):
    times = [waited(port, daemon) for _ in range(100)]
    tell("at rest", times)
    assert statistics.median(times) < HOLD_S / 5


@pytest.mark.parametrize("left", [b'3,39,"', b'{"data":5', b"at home", b"x A "])
def test_noise_that_was_left(port, daemon, hold, left):
    times = []
    for _ in range(20):
        port.write(b"\r x" + left)
        daemon.wait_taken()
        times.append(waited(port, daemon))
    tell(left, times)
    assert statistics.median(times) < HOLD_S / 5


@pytest.mark.parametrize("noise", [
    b'{"data":5,"status":"at 5"} ', b"no line\r\n", b"\xff\x80\0",
    b" a", b" at at at"])
def test_noise_without_pause(port, daemon, hold, noise):
    with sending(port, noise * 20):
        time.sleep(0.2)
        times = [waited(port, daemon) for _ in range(10)]
    tell(noise, times)
    assert statistics.median(times) < HOLD_S + SLACK_S


@pytest.mark.parametrize("typed", [b"A", b"AT", b"AT+X=1", b"x A", b"x AT"])
def test_a_half_typed_line(port, daemon, hold, typed):
    times = []
    for _ in range(3):
        port.write(b"\r")
        begun = time.monotonic()
        port.write(typed)
        daemon.wait_taken()
        times.append(waited(port, daemon, since=begun))
        port.write(b"\b" * len(typed))
    tell(typed, times)
    assert HOLD_S - 0.1 < min(times)
    assert statistics.median(times) < HOLD_S + SLACK_S
