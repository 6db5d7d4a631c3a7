# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""+IPR, +ICF, +IFC, &K and what AT&W stores, on a real tty.

A line of the user mode kernel has no speed and no frames: the commands are the
same, and flow control by XON and XOFF is.  The rest needs BED_KERNEL=qemu with
its 8250, which does not care for the speed either, but whose driver does.
"""
import re
import time

import pytest

import bed

OK = b"\r\nOK\r\n"
XON, XOFF = b"\x11", b"\x13"
BAUD_BASE = 4000000     # the fastest of +IPR

real_uart = pytest.mark.skipif(not bed.REAL_UART,
                               reason="the tty has no UART")

# Another baud_base (struct serial_struct) for the guest's tty.
SET_BASE = """
import fcntl, os, struct, sys, termios
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
info = bytearray(fcntl.ioctl(fd, termios.TIOCGSERIAL, bytes(72)))
struct.pack_into("i", info, 28, int(sys.argv[2]))
fcntl.ioctl(fd, termios.TIOCSSERIAL, bytes(info))
"""


def termios(guest):
    """stty's words; the shell keeps it from becoming the tty's session."""
    device = f"/dev/{guest.daemon.ttys[0]}"
    output = bed.run("sh", "-c", f"stty -F {device} -a; :").stdout
    return output.decode().replace(";", "").split()


def speed(guest):
    words = termios(guest)
    return int(words[words.index("speed") + 1])


def set_base(guest):
    device = f"/dev/{guest.daemon.ttys[0]}"
    bed.run("python3", "-S", "-c", SET_BASE, device, BAUD_BASE)


def rts(guest):
    """Is it up?  To open the tty and ask would raise it."""
    number = guest.daemon.ttys[0].removeprefix("ttyS")
    # "serial", and "serial_8250" since 7
    table = bed.run("sh", "-c",
                    "cat /proc/tty/driver/serial*").stdout.decode()
    return "RTS" in re.search(rf"^{number}: .*", table, re.MULTILINE)[0]


def until(condition, seconds=5):
    end = time.monotonic() + seconds * bed.SLOW
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


def stored(guest):
    return f"{guest.daemon.ttys[0]}.profile"


@pytest.fixture
def line(guest, host):
    """The first port; its line is put back to what it was."""
    host.write(b"AT+IPR?;+ICF?;+IFC?\r")
    before = host.match(rb"\r\n\+IPR: (\d+)\r\n\r\n\+ICF: ([\d,]+)\r\n"
                        rb"\r\n\+IFC: ([\d,]+)\r\n" + OK)
    yield host
    host.drain()
    guest.state.remove(stored(guest))
    guest.daemon.restart("TERM")
    host.reset()
    host.command(f"AT+IPR={before[1].decode()};+ICF={before[2].decode()};"
                 f"+IFC={before[3].decode()}")


def restart(guest, host):
    """The daemon; the tty goes on."""
    guest.daemon.restart("TERM")
    host.expect(b"\r\nAT command ready\r\n\r\n+SIM READY\r\n")
    host.write(b"ATE0\r")       # echoed or not, as it was stored
    host.match(rb"(ATE0\r)?" + OK)


@pytest.mark.parametrize("sent, want", [
    (b"AT+IPR=9600;+IPR?", b"\r\n+IPR: 9600\r\n" + OK),
    (b"AT+IPR=0", b"\r\n+CME ERROR: 50\r\n"),
    (b"AT+IPR=12345", b"\r\n+CME ERROR: 50\r\n"),
    (b"AT+ICF=?", b"\r\n+ICF: (1-6),(0-3)\r\n" + OK),
    (b"AT+ICF=2,1;+ICF?", b"\r\n+ICF: 2,1\r\n" + OK),
    (b"AT+IFC=?", b"\r\n+IFC: (0-2),(0-2)\r\n" + OK),
    (b"AT+IFC=1,0;+IFC?", b"\r\n+IFC: 1,0\r\n" + OK),
    (b"AT+IFC=2,1", b"\r\n+CME ERROR: 4\r\n"),
    (b"AT&K4+IFC?", b"\r\n+IFC: 1,1\r\n" + OK),
    (b"AT&K1", b"\r\nERROR\r\n"),
])
def test_dialogue(line, sent, want):
    line.write(sent + b"\r")
    line.expect(want)
    line.command("AT")
    line.quiet(0.1)


def test_list_of_speeds(line):
    line.write(b"AT+IPR=?\r")
    speeds = line.match(rb"\r\n\+IPR: \(\),\(([\d,]+)\)\r\n" + OK)[1]
    numbers = [int(n) for n in speeds.split(b",")]
    assert numbers == sorted(numbers)
    assert {9600, 115200, 921600, 3000000} <= set(numbers)


def test_software_flow_control(guest, line):
    line.command("AT+IFC=1,1")
    until(lambda: {"ixon", "ixoff"} <= set(termios(guest)))
    line.write(XOFF + b"AT\r")
    line.quiet()
    line.write(XON)
    line.expect(OK)
    line.command("AT+IFC=0,0")
    until(lambda: {"-ixon", "-ixoff"} <= set(termios(guest)))
    line.write(XOFF + b"AT\r")
    line.expect(OK)


def test_xoff_while_a_line_executes_and_in_data(guest, line):
    line.command("AT+IFC=1,0")
    until(lambda: "ixon" in termios(guest))
    line.write(b"A" + XOFF + b"T+CMEE?\r" + b"AT\r")
    line.quiet()
    line.write(XON)
    line.expect(b"\r\n+CMEE: 1\r\n" + OK + OK)


@pytest.mark.parametrize("rate", [9600, 115200, 921600, 3000000])
def test_speed_change_loses_nothing(guest, line, rate):
    """Commands that wait behind the change are executed after it."""
    if bed.REAL_UART:
        set_base(guest)
    before, after = b"AT+CMEE=0;+CMEE?\r\n", b"AT+CMEE=2;+CMEE?\r\n"
    line.write(before * 100 + b"AT+IPR=%d\r\n" % rate + after * 100)
    line.expect((b"\r\n+CMEE: 0\r\n" + OK) * 100 + OK
                + (b"\r\n+CMEE: 2\r\n" + OK) * 100, timeout=30)
    line.quiet(0.1)
    if bed.REAL_UART:
        assert speed(guest) == rate
    line.command("AT+IPR?", f"+IPR: {rate}", "OK")


@real_uart
@pytest.mark.parametrize("command, words", [
    ("+ICF=1", {"cs8", "-parenb", "cstopb"}),
    ("+ICF=2,0", {"cs8", "parenb", "parodd", "-cstopb", "inpck"}),
    ("+ICF=2,1", {"cs8", "parenb", "-parodd", "-cmspar"}),
    ("+ICF=3", {"cs8", "-parenb", "-cstopb", "-inpck"}),
    ("+ICF=5,2", {"cs7", "parenb", "parodd", "cmspar"}),
    ("+ICF=5,3", {"cs7", "parenb", "-parodd", "cmspar"}),
    ("+ICF=6", {"cs7", "-parenb", "-cstopb"}),
    ("+IFC=2,2", {"crtscts", "-ixon", "-ixoff"}),
    ("&K3", {"crtscts"}),
    ("&K0", {"-crtscts", "-ixon", "-ixoff"}),
])
def test_termios(guest, line, command, words):
    line.command("AT" + command)
    line.command("AT")
    assert words <= set(termios(guest))


@real_uart
def test_rts_does_not_stay_low(guest, line):
    """RTS/CTS is given up while the driver is throttled."""
    line.command("AT+IFC=2,2")
    line.command("AT")
    guest.daemon.signal("STOP")
    try:
        line.write(b"AT+IFC=0,0\r" + b"AT\r" * 12000, timeout=60)
        until(lambda: not rts(guest))
    finally:
        guest.daemon.signal("CONT")
    line.expect(OK * 12001, timeout=120)
    assert rts(guest)
    assert "-crtscts" in termios(guest)


def test_z_gets_back_what_w_stored(line):
    line.command("AT+IPR=19200;+IFC=1,1;+CMEE=2;&W")
    line.command("AT+IPR=9600;+IFC=0,0;+CMEE=0")
    line.command("ATZ")
    line.command("AT+IPR?;+IFC?;+CMEE?", "+IPR: 19200", "+IFC: 1,1",
                 "+CMEE: 2", "OK")


def test_f_leaves_the_line(line):
    line.command("AT+IPR=9600;+CMEE=2")
    line.write(b"AT&F\rATE0\r")
    line.expect(OK + b"ATE0\r" + OK)
    line.command("AT+IPR?;+CMEE?", "+IPR: 9600", "+CMEE: 1", "OK")


def test_w_outlives_the_daemon(guest, line):
    line.command("AT+CMEE=2;S5=127;&W")
    restart(guest, line)
    line.command("AT+CMEE?;S5?", "+CMEE: 2", "127", "OK")
    assert guest.state.mode(stored(guest)) == "600"


@real_uart
def test_a_restart_leaves_the_speed(guest, line):
    """Neither the stored one nor the first one comes back on its own."""
    line.command("AT+IPR=9600;&W")
    line.command("AT+IPR=57600")
    restart(guest, line)
    assert speed(guest) == 57600
    line.command("AT+IPR?", "+IPR: 57600", "OK")
    line.command("ATZ")
    line.command("AT+IPR?", "+IPR: 9600", "OK")
    until(lambda: speed(guest) == 9600)


def test_wrong_name_of_a_stored_setting(guest, line):
    guest.state.write(stored(guest), "+CMEE 2\nnoise 7\nV 9\nspeed 1\n")
    # what the host has set since goes before what it has stored
    guest.state.remove(f"run/{guest.daemon.ttys[0]}.kept")
    restart(guest, line)
    line.command("AT+CMEE?", "+CMEE: 2", "OK")
    assert re.fullmatch(r"\d+", str(speed(guest)))
