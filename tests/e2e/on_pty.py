# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""on_pty.py ATMQTTCTL CASE [SIZE]: `attach` on a pty of the guest, which then
CASE happens to; prints its exit status.

    this program ── master ══ slave + n_at ── atmqttctl attach
"""
import array
import fcntl
import os
import pathlib
import pty
import select
import subprocess
import sys
import termios
import time
import tty

CTL, CASE, *SIZE = sys.argv[1:]
NOTIFY = pathlib.Path(__file__).resolve().parents[1] / "bed" / "notify.py"
N_TTY, N_AT = 0, 29
READY = "/run/atmqttctl.ready"


def discipline(fd):
    number = array.array("i", [-1])
    fcntl.ioctl(fd, termios.TIOCGETD, number)
    return number[0]


def attach(slave):
    """Returns when it has told that it is ready."""
    pathlib.Path(READY).unlink(missing_ok=True)
    holder = subprocess.Popen(
        [sys.executable, "-S", NOTIFY, READY, CTL, "attach", "--foreground",
         "--speed=57600", "--flow=rtscts", os.ttyname(slave)])
    while not os.path.exists(READY):
        assert holder.poll() is None, "it ended before it was ready"
        time.sleep(0.01)
    assert discipline(slave) == N_AT
    settings = termios.tcgetattr(slave)
    assert settings[4] == settings[5] == termios.B57600
    assert settings[2] & (termios.CLOCAL | termios.CRTSCTS) == (
        termios.CLOCAL | termios.CRTSCTS)
    assert not settings[3] & (termios.ICANON | termios.ECHO)
    return holder


def flood(master, size):
    """Long lines as fast as they are taken; each is answered once, by the
    daemon or by the kernel alone."""
    line = b"AT".ljust(4096) + b"\r"
    lines, got = size // len(line), b""
    out = lines * line
    tty.setraw(master)
    os.set_blocking(master, False)
    while got.count(b"OK\r\n") + got.count(b"ERROR\r\n") < lines:
        readable, writable, _ = select.select([master],
                                              [master] if out else [], [], 60)
        assert readable or writable, f"{len(out)} bytes left, {got[-99:]}"
        if readable:
            got += os.read(master, 65536)
        if writable:
            out = out[os.write(master, out):]


def main():
    master, slave = pty.openpty()
    holder = attach(slave)
    if CASE == "hang-up":
        os.close(slave)
        os.close(master)
    elif CASE == "flood":
        flood(master, int(SIZE[0]))
        os.close(slave)
        holder.terminate()
    elif CASE == "detach":
        subprocess.run([CTL, "detach", os.ttyname(slave)], check=True)
        assert discipline(slave) == N_TTY
    elif CASE == "other":
        fcntl.ioctl(slave, termios.TIOCSETD, array.array("i", [N_TTY]))
    elif CASE == "TERM":
        holder.terminate()
    status = holder.wait()
    if CASE == "TERM":
        assert discipline(slave) == N_TTY
    print(status)


main()
