# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Speed, framing and flow control of the tty, as far as a pty has them: its
speed is a number, its frames are 8 bits."""
import fcntl
import os
import struct
import termios
import time

import pytest

import genl
from genl import A_SETTINGS, num, u8, u32
from conftest import KERNEL, Daemon

XON, XOFF = b"\x11", b"\x13"


def settings(daemon):
    return genl.unpack(daemon.get()[A_SETTINGS])


def iflag(port):
    return termios.tcgetattr(port.slave)[0]


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def speed_is(daemon, speed):
    until(lambda: num(settings(daemon)[genl.S_SPEED]) == speed)


@pytest.mark.parametrize("speed", [300, 9600, 115200, 250000, 3000000])
def test_speed_by_port_set(port, daemon, speed):
    daemon.set((genl.S_SPEED, u32(speed)))
    speed_is(daemon, speed)
    port.write(b"AT\r")
    daemon.reply(daemon.line(b"AT"))
    port.expect(b"\r\nOK\r\n")


def test_speed_by_reply(port, daemon, executing):
    port.write(b"AT2\rAT3\r")
    daemon.reply(executing, settings=[(genl.S_SPEED, u32(9600))])
    port.expect(b"\r\nOK\r\n")
    seq = daemon.line(b"AT2")
    assert num(settings(daemon)[genl.S_SPEED]) == 9600
    daemon.reply(seq, settings=[(genl.S_SPEED, u32(57600))])
    daemon.reply(daemon.line(b"AT3"))
    port.expect(b"\r\nOK\r\n" * 2)
    assert num(settings(daemon)[genl.S_SPEED]) == 57600


def test_what_is_not_told_stays(port, daemon):
    daemon.set((genl.S_FLOW, u32(genl.FLOW_XON_IN)))
    until(lambda: iflag(port) & termios.IXOFF)
    daemon.set((genl.S_SPEED, u32(19200)))
    speed_is(daemon, 19200)
    assert num(settings(daemon)[genl.S_FLOW]) == genl.FLOW_XON_IN
    daemon.set((genl.S_ECHO, u32(0)))
    assert num(settings(daemon)[genl.S_SPEED]) == 19200


def test_somebody_else_changes_it(port, daemon):
    attrs = termios.tcgetattr(port.slave)
    attrs[4] = attrs[5] = termios.B4800
    termios.tcsetattr(port.slave, termios.TCSANOW, attrs)
    assert num(settings(daemon)[genl.S_SPEED]) == 4800


def test_a_change_outlives_its_owner(port):
    with Daemon(port) as first:
        first.set((genl.S_SPEED, u32(19200)))
        speed_is(first, 19200)
    with Daemon(port) as second:
        assert num(settings(second)[genl.S_SPEED]) == 19200


# ---- the bits that make a driver tell of damage ----

DAMAGE_ON = termios.INPCK | termios.BRKINT
DAMAGE = DAMAGE_ON | termios.IGNBRK | termios.IGNPAR | termios.PARMRK


def set_damage(fd, bits):
    attrs = termios.tcgetattr(fd)
    attrs[0] = attrs[0] & ~DAMAGE | bits
    termios.tcsetattr(fd, termios.TCSANOW, attrs)


def test_damage_is_told_while_the_discipline_is_there(port, admin):
    assert iflag(port) & DAMAGE == DAMAGE_ON
    for bits in 0, termios.IGNBRK | termios.IGNPAR, DAMAGE_ON, DAMAGE:
        fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
        set_damage(port.slave, bits)
        port.attach(admin)
        assert iflag(port) & DAMAGE == DAMAGE_ON
        fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
        assert iflag(port) & DAMAGE == bits
        port.attach(admin)


def test_damage_is_told_whatever_another_process_sets(port):
    for bits in 0, termios.IGNBRK, DAMAGE:
        set_damage(port.slave, bits)
        until(lambda: iflag(port) & DAMAGE == DAMAGE_ON)
        fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
        assert iflag(port) & DAMAGE == bits
        fcntl.ioctl(port.slave, termios.TIOCSETD,
                    struct.pack("=i", genl.LDISC))


def test_damage_is_told_with_and_without_parity(port, daemon):
    for parity, speed in (genl.PARITY_EVEN, 9600), (genl.PARITY_NONE, 19200):
        daemon.set((genl.S_PARITY, u32(parity)), (genl.S_SPEED, u32(speed)))
        speed_is(daemon, speed)
        assert iflag(port) & DAMAGE == DAMAGE_ON


def test_modem_lines_of_a_tty_that_has_none(port, daemon):
    """A pty: watched all the same, and nothing is told of them."""
    both = genl.WATCH_DCD | genl.WATCH_DSR
    for watch in both, genl.WATCH_DSR, 0:
        daemon.set((genl.S_WATCH, u32(watch)))
        assert num(settings(daemon)[genl.S_WATCH]) == watch
        time.sleep(0.1)
        assert genl.A_MODEM not in daemon.get()
    daemon.no_note()


@pytest.fixture
def xon(port, daemon):
    """The host may hold our output."""
    daemon.set((genl.S_FLOW, u32(genl.FLOW_XON_OUT)))
    until(lambda: iflag(port) & termios.IXON)


def test_xoff_holds_output(port, daemon, xon):
    port.write(XOFF + b"AT\r")
    daemon.reply(daemon.line(b"AT"))
    port.quiet()
    port.write(XON)
    port.expect(b"\r\nOK\r\n")


def test_xoff_within_a_line_and_while_executing(port, daemon, xon):
    port.write(b"A" + XOFF + b"T" + XON + b"\r")
    seq = daemon.line(b"AT")
    port.write(XOFF)
    daemon.wait_taken()
    daemon.reply(seq)
    port.quiet()
    port.write(XON)
    port.expect(b"\r\nOK\r\n")


def test_xoff_within_data_does_not_count(port, daemon, xon):
    port.write(b"AT\r")
    daemon.reply(daemon.line(b"AT"), b">", data_len=3)
    port.expect(b">")
    port.write(b"a" + XOFF + XON + b"bc")
    attrs = daemon.note(genl.CMD_DATA_NTF)
    assert attrs[genl.A_DATA] == b"abc"


@pytest.mark.skipif(KERNEL < (6, 0),
                    reason="no look-ahead before 6.0")
def test_xon_is_seen_behind_what_is_not_taken(port, daemon, xon):
    """More than n_at's own fifo waits; only a look ahead finds the XON."""
    port.write(b"AT\r" + XOFF)
    seq = daemon.line(b"AT")
    daemon.wait_taken()
    port.write(b"\n" * 6000)
    daemon.reply(seq, b"a", final=False)
    port.quiet()
    port.write(XON)
    port.expect(b"a")
    daemon.reply(seq)
    port.expect(b"\r\nOK\r\n")


def test_a_change_releases_held_output(port, daemon, xon):
    port.write(XOFF + b"AT\r")
    daemon.reply(daemon.line(b"AT"), settings=[(genl.S_FLOW, u32(0))])
    port.quiet()
    port.expect(b"\r\nOK\r\n", timeout=20)
    port.write(XOFF + b"AT\r")
    daemon.reply(daemon.line(b"AT"))
    port.expect(b"\r\nOK\r\n")


def output_is_stopped(port):
    try:
        os.write(port.slave, b"x")
    except BlockingIOError:
        return True
    port.read(1)
    return False


def test_output_stopped_before_us_goes_on(port, admin):
    """The XOFF was n_tty's; an XON for it would be nothing new to n_at."""
    fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
    attrs = termios.tcgetattr(port.slave)
    attrs[0] |= termios.IXON
    termios.tcsetattr(port.slave, termios.TCSANOW, attrs)
    os.set_blocking(port.slave, False)
    port.write(XOFF)
    until(lambda: output_is_stopped(port))
    port.attach(admin)
    with Daemon(port) as daemon:
        daemon.urc(b"U")
        port.expect(b"U")
