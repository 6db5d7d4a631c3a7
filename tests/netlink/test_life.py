# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Owners that die, ttys that go, and input that nobody meant."""
import contextlib
import errno
import fcntl
import os
import random
import socket
import struct
import subprocess
import termios
import time

import pytest

import genl
from genl import (A_DATA, A_EVENT, A_FLAGS, A_MODE, A_PORT,
                  MODE_COMMAND, MODE_ORPHAN, num, u32)
from conftest import (CLONE_NEWNET, Daemon, Port, Pty, in_child, refused,
                      unshare)

ERROR = b"\r\nERROR\r\n"


def test_owner_dies_between_lines(port, daemon, admin):
    daemon.close()
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs[A_MODE]) == MODE_ORPHAN
    assert genl.A_OWNER not in attrs
    port.quiet()


def test_owner_dies_while_a_line_executes(port, daemon, executing):
    daemon.close()
    port.expect(ERROR)
    port.quiet()
    with Daemon(port) as heir:
        heir.no_note()          # executed once at most
        port.write(b"AT\r")
        heir.line(b"AT")


def test_owner_dies_while_data_are_taken(port, daemon, executing):
    """The rest is data all the same: an heir must not execute it."""
    daemon.reply(executing, b">", data_len=10)
    port.expect(b">")
    port.write(b"12345")
    daemon.close()
    port.quiet()
    with Daemon(port) as heir:
        port.write(b"AT+X\r")
        port.expect(ERROR)
        heir.no_note()
        port.write(b"AT\r")
        heir.line(b"AT")


def test_owner_dies_and_the_data_end_by_time(port, daemon, executing):
    daemon.set((genl.S_DATA_TIMEOUT_MS, u32(200)))
    daemon.reply(executing, b">", data_len=10)
    port.expect(b">")
    port.write(b"12345")
    daemon.close()
    port.expect(ERROR)
    port.quiet()
    with Daemon(port) as heir:
        port.write(b"AT\r")
        heir.line(b"AT")


def test_owner_dies_with_data_unanswered(port, daemon, executing):
    daemon.reply(executing, b">", data_len=2)
    port.expect(b">")
    port.write(b"ab")
    daemon.note(genl.CMD_DATA_NTF)
    daemon.close()
    port.expect(ERROR)
    port.quiet()


def test_lines_wait_for_the_next_owner(port, daemon):
    daemon.set((genl.S_REBIND_MS, u32(600000)))
    daemon.close()
    port.write(b"AT1\rAT2\r")
    port.quiet()
    with Daemon(port) as heir:
        heir.reply(heir.line(b"AT1"), b"<1>")
        heir.reply(heir.line(b"AT2"), b"<2>")
        port.expect(b"<1><2>")


def test_orphan_reply_after_rebind_ms(port, daemon, admin):
    daemon.set((genl.S_REBIND_MS, u32(200)),
               (genl.S_ORPHAN_REPLY, b"\r\nNO CARRIER\r\n"))
    daemon.close()
    port.write(b"AT1\rnoise\rAT2\r")
    port.expect(b"\r\nNO CARRIER\r\n" * 2)
    port.write(b"AT3\r")
    port.expect(b"\r\nNO CARRIER\r\n")
    with Daemon(port) as heir:
        heir.no_note()
        assert heir.counter(genl.C_ORPHANED) == 3
        port.write(b"AT4\r")
        heir.line(b"AT4")


def test_unbind_while_a_line_executes(port, daemon, executing):
    daemon.call(genl.CMD_UNBIND, port.ref)
    port.expect(ERROR)


def test_a_fork_keeps_the_owner(port, daemon, admin):
    """The socket lives on in a child: the port is not free yet."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    daemon.close()
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs[A_MODE]) == MODE_COMMAND
    os.close(write)
    os.waitpid(pid, 0)
    attrs = admin.call(genl.CMD_PORT_GET, port.ref)
    assert num(attrs[A_MODE]) == MODE_ORPHAN


def test_hangup(port, daemon):
    with genl.Socket() as watcher:
        watcher.join("ports")
        port.close_master()
        attrs = daemon.note(genl.CMD_MODEM_NTF)
        assert num(attrs[A_EVENT]) == genl.EVENT_HANGUP
        assert num(attrs[A_PORT]) == port.id
        attrs = watcher.note(genl.CMD_PORT_DEL_NTF)
        assert num(attrs[A_PORT]) == port.id
        watcher.no_note()
    with pytest.raises(genl.Refused):
        daemon.get()


def test_hangup_wakes_who_holds_the_tty(port):
    """An attacher notices by poll() that its tty is gone."""
    import select
    poll = select.poll()
    poll.register(port.slave, select.POLLIN)
    assert not poll.poll(0)
    port.close_master()
    (_, events), = poll.poll(10000)
    assert events & (select.POLLHUP | select.POLLERR)


def test_hangup_while_a_line_executes(port, daemon, executing):
    port.close_master()
    assert num(daemon.note(genl.CMD_MODEM_NTF)[A_EVENT]) == genl.EVENT_HANGUP
    with pytest.raises(genl.Refused):
        daemon.reply(executing)


def test_another_discipline_takes_the_tty(port, daemon):
    with genl.Socket() as watcher:
        watcher.join("ports")
        fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
        assert num(watcher.note(genl.CMD_PORT_DEL_NTF)[A_PORT]) == port.id


def test_reattached_tty_is_another_port(port, daemon, executing, admin):
    fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", 0))
    fcntl.ioctl(port.slave, termios.TIOCSETD, struct.pack("=i", genl.LDISC))
    attrs = next(p for p in admin.dump(genl.CMD_PORT_GET)
                 if p[genl.A_TTY].rstrip(b"\0").decode() == port.tty)
    assert num(attrs[A_PORT]) != port.id
    assert genl.A_OWNER not in attrs
    with pytest.raises(genl.Refused):
        daemon.reply(executing)
    port.quiet()


def test_pipelined_bytes_are_not_lost(port, daemon):
    """64 KiB of lines against an owner that takes its time."""
    lines = [b"AT+N=%05d" % n + b"x" * 40 for n in range(1200)]
    pid = os.fork()
    if not pid:
        for line in lines:
            port.write(line + b"\r")
        os._exit(0)
    for line in lines:
        daemon.reply(daemon.line(line), line[3:10])
        port.expect(line[3:10])
    os.waitpid(pid, 0)
    daemon.no_note()


def test_bytes_without_a_line_are_counted_as_noise(port, daemon):
    port.write(b"\0\0hello\r{\"data\":5}\rxyz AT\r")
    daemon.line(b"AT")
    assert daemon.counter(genl.C_NOISE_BYTES) >= 2 + 5 + 10 + 4
    assert daemon.counter(genl.C_LINES) == 1


def test_repeat(port, daemon):
    port.write(b"AT+X\r")
    daemon.reply(daemon.line(b"AT+X"), b"1")
    port.write(b"A/")
    daemon.reply(daemon.line(b"A/"), b"2")
    port.expect(b"12")


COMMANDS = range(genl.CMD_MONITOR_NTF + 3)


def random_attrs(random_, port, depth=0):
    attrs = []
    for _ in range(random_.randrange(6)):
        kind = random_.choice([random_.randrange(20), A_PORT, A_DATA])
        if kind == A_PORT and random_.random() < 0.8:
            attrs.append(port.ref)
        elif depth < 2 and random_.random() < 0.3:
            attrs.append((kind, random_attrs(random_, port, depth + 1)))
        else:
            size = random_.choice([0, 1, 2, 4, 4, 4, 8, 100])
            attrs.append((kind, random_.randbytes(size)))
    return attrs


@pytest.mark.parametrize("seed", range(20))
def test_random_messages(port, seed):
    """No report, no hang; and the port still works for its next owner."""
    random_ = random.Random(seed)
    with genl.Socket() as sock:
        for _ in range(100):
            payload = genl.pack(random_attrs(random_, port))
            if random_.random() < 0.2:
                payload = payload[:random_.randrange(len(payload) + 1)]
            flags = random_.choice([genl.ACK, genl.ACK, genl.DUMP])
            sock.send(sock.family, random_.choice(COMMANDS), payload, flags,
                      random_.choice([1, 1, 1, 0, 2]))
            port.write(random_.randbytes(8))
            while sock.receive(0):
                pass
    termios.tcflush(port.master, termios.TCIOFLUSH)
    with Daemon(port, (genl.S_ECHO, u32(0)), (genl.S_S3, u32(13)),
                (genl.S_S5, u32(8))) as daemon:
        port.write(b"\r")
        while daemon.receive(0.1):
            pass
        # whatever stands half-finished ends with its owner
    with Daemon(port) as daemon:
        port.write(b"\rAT+LAST\r")
        attrs = daemon.note(genl.CMD_LINE_NTF)
        if not attrs.get(A_DATA, b"").endswith(b"AT+LAST"):
            daemon.reply(num(attrs[genl.A_SEQ]))
            daemon.line(b"AT+LAST")


# ---- an owner that hangs ----

def test_owner_that_hangs_loses_its_line(port, daemon):
    daemon.set((genl.S_EXEC_TIMEOUT_MS, u32(300)))
    port.write(b"AT1\rAT2\r")
    seq = daemon.line(b"AT1")
    port.expect(ERROR)
    assert daemon.line(b"AT2") == seq + 1
    with refused(errno.ESTALE):
        daemon.reply(seq)
    daemon.reply(seq + 1)
    port.expect(b"\r\nOK\r\n")
    with refused(errno.EPROTO):
        daemon.reply(seq + 1)
    assert daemon.counter(genl.C_EXEC_TIMEOUTS) == 1


def test_owner_that_replies_does_not_hang(port, daemon):
    """It says that it lives by a REPLY that says nothing else."""
    daemon.set((genl.S_EXEC_TIMEOUT_MS, u32(600)))
    port.write(b"AT\r")
    seq = daemon.line(b"AT")
    for _ in range(6):
        time.sleep(0.2)
        daemon.reply(seq, b"", final=False)
    daemon.reply(seq)
    port.expect(b"\r\nOK\r\n")
    assert daemon.counter(genl.C_EXEC_TIMEOUTS) == 0


# ---- a namespace that ends ----

def ip(*arguments):
    return subprocess.run(["ip", "link", *arguments], check=False,
                          capture_output=True).returncode == 0


@pytest.fixture
def link():
    """A network device whose other end is taken along by a namespace."""
    subprocess.run(["modprobe", "-q", "veth"], check=False)
    if not ip("add", "n-at-a", "type", "veth", "peer", "name", "n-at-b"):
        pytest.skip("no veth in this kernel")
    yield "n-at-a"
    ip("del", "n-at-a")


def test_a_port_outlives_its_namespace(link):
    """And does not keep it alive: a device in it goes with it."""
    line = Pty()
    ours, theirs = socket.socketpair()

    def attach():
        unshare(CLONE_NEWNET)
        theirs.send(b"%d" % os.getpid())
        theirs.recv(1)
        line.set_discipline()
        with genl.Socket() as sock:
            attrs, = sock.dump(genl.CMD_PORT_GET)
            sock.call(genl.CMD_PORT_SET, (A_PORT, attrs[A_PORT]),
                      (genl.A_SETTINGS, [(genl.S_REBIND_MS, u32(0)),
                                         (genl.S_ECHO, u32(0))]))
        return True

    def move():
        assert ip("set", "n-at-b", "netns", ours.recv(9).decode())
        ours.send(b"x")
    in_child(attach, meanwhile=move)
    end = time.monotonic() + 20
    while ip("show", link):
        assert time.monotonic() < end, "the namespace is still there"
        time.sleep(0.1)
    with contextlib.closing(line):
        line.write(b"AT\r")
        line.expect(ERROR)


# ---- what the log says ----

def test_the_log_tells_of_ports(admin):
    port = Port(admin)
    port.close()
    said = subprocess.run(["dmesg"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    assert f"n_at: {port.tty}: attached as port {port.id}\n" in said
    assert said.rstrip().endswith(f"n_at: {port.tty}: detached")
