# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What must not happen at once, at once: the kernel's checkers watch.

    host ─ writes, reads ─ master ══ slave + n_at ─ netlink ─ daemon ─ kill -9
                                       │
              abuser ─ TIOCSETD, TCFLSH, TCSETSF, TIOCVHANGUP, 2nd open

The test itself sees only that a new port still works; a use after free, a lock
taken in the wrong order or a sleep in the wrong place is for the kernel's log.
"""
import fcntl
import os
import pty
import random
import signal
import struct
import termios
import time
import tty

import genl

SECONDS = 8
N_TTY = 0
TIOCVHANGUP = 0x5437
LINES = (b"AT\r\n", b"AT+D\r", b"xx\r\n", b"A/", b"A\b", b"\n", b"ATZ\b\b\bATI\r")


def child(work, *args):
    """work in a process of its own, until it is killed or fails."""
    pid = os.fork()
    if pid:
        return pid
    try:
        random.seed(os.getpid())
        while True:
            work(*args)
    except OSError:
        pass
    finally:
        os._exit(0)


def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def set_discipline(fd, number):
    fcntl.ioctl(fd, termios.TIOCSETD, struct.pack("=i", number))


def host(master):
    try:
        os.write(master, random.choice(LINES))
        os.read(master, 4096)
    except BlockingIOError:
        time.sleep(0.001)


def detach(fd):
    set_discipline(fd, N_TTY)
    set_discipline(fd, genl.LDISC)


def flush_and_set(fd):
    termios.tcsetattr(fd, termios.TCSAFLUSH, termios.tcgetattr(fd))


ABUSE = (
    detach,
    flush_and_set,
    lambda fd: termios.tcflush(fd, termios.TCIOFLUSH),
    lambda fd: fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)),
    lambda fd: fcntl.ioctl(fd, TIOCVHANGUP),
    lambda fd: time.sleep(0.005),
)


def abuser(name):
    fd = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        random.choices(ABUSE, weights=(8, 8, 8, 8, 1, 40))[0](fd)
    except OSError:             # hung up: the next open revives it
        pass
    finally:
        os.close(fd)


def own_all(sock):
    for attrs in sock.dump(genl.CMD_PORT_GET):
        try:
            sock.call(genl.CMD_BIND, (genl.A_PORT, attrs[genl.A_PORT]))
        except genl.Refused:
            pass


def answer(sock):
    attrs = sock.note(genl.CMD_LINE_NTF, 0.2)
    reply = [(a, attrs[a]) for a in (genl.A_PORT, genl.A_SEQ)]
    port = reply[0]
    if random.random() < 0.3:
        sock.call(genl.CMD_URC, port, (genl.A_DATA, b"\r\n+U: 1\r\n" * 50))
    if attrs[genl.A_DATA].endswith(b"D"):
        reply.append((genl.A_DATA_LEN, genl.u32(20)))
    else:
        reply += [(genl.A_DATA, b"\r\nOK\r\n"),
                  (genl.A_FLAGS, genl.u32(genl.FLAG_FINAL))]
    sock.call(genl.CMD_REPLY, *reply)


def daemon():
    """Answers lines and never data, until nothing comes; then binds again."""
    with genl.Socket() as sock:
        own_all(sock)
        for _ in range(50):
            try:
                answer(sock)
            except (OSError, AssertionError):
                return


def one_round():
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    set_discipline(slave, genl.LDISC)
    workers = [child(host, master), child(abuser, os.ttyname(slave)),
               child(daemon)]
    time.sleep(random.random() * 0.5)
    end(workers.pop())          # the daemon, whatever it is doing
    first, second = random.sample((master, slave), 2)
    os.close(first)
    time.sleep(random.random() * 0.02)
    os.close(second)
    for pid in workers:
        end(pid)


def test_everything_at_once(request):
    stop = time.monotonic() + SECONDS
    while time.monotonic() < stop:
        one_round()
    port = request.getfixturevalue("port")
    owner = request.getfixturevalue("daemon")
    port.write(b"AT+X\r")
    owner.reply(owner.line(b"AT+X"))
    port.expect(b"\r\nOK\r\n")
