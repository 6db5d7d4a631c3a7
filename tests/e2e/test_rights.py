# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A daemon without any right, which may hang: what a stranger finds is in
tests/netlink/test_rights.py.

    attacher (root) ── owner ──> n_at <── netlink ── atmqttd (no root)
                                                        └─ NOTIFY_SOCKET
"""
import contextlib
import os
import pathlib
import re
import subprocess
import time

import pytest

import bed
from conftest import BUILD, configured, connect
from test_ctl import NO_PORT, USAGE, status_of, until

USER = bed.stack.USER
HERE = pathlib.Path(__file__).parent
EXEC_S = 6 if bed.EMULATED else 2
WATCHDOG_S = 20 if bed.EMULATED else 4
HANG = "/run/atmqttd.hang"
MANAGER = "/run/atmqttd.manager"


def stat(pid):
    text = bed.run("cat", f"/proc/{pid}/status").stdout.decode()
    return dict(re.findall(r"^(\w+):[ \t]*(.*)$", text, re.MULTILINE))


def test_the_daemon_has_no_right(guest, host):
    pid, = guest.daemon.pids()
    status = stat(pid)
    for name in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
        assert int(status[name], 16) == 0, name
    assert status["Uid"].split() == [str(USER)] * 4
    assert status["Gid"].split() == [str(USER)] * 4
    assert status["Groups"].split() == []
    host.command("AT", "OK")


# ---- who may own a port ----

@contextlib.contextmanager
def attached(ctl, guest, *options):
    """The second port anew, as it is attached with these options."""
    tty = guest.daemon.ttys[1]
    ctl("detach", tty)
    guest.daemon.wait_said(f"{tty}: gone\n")
    guest.daemon.begin = guest.daemon.log.seek(0, 2)
    ctl("attach", *options, tty)
    yield tty
    ctl("detach", tty)
    ctl("attach", bed.OWNER, tty)
    until(lambda: state_of(ctl, tty) == "bound")


def state_of(ctl, tty):
    port, = (p for p in status_of(ctl)["daemon"]["ports"] if p["tty"] == tty)
    return port["state"]


def test_a_port_that_it_may_not_own_is_told_once(ctl, guest, host, host2):
    with attached(ctl, guest) as tty:
        what = (f"user {USER} may not own the port: 'atmqttctl owner {tty} "
                f"{USER}' or 'atmqttctl attach --owner={USER}' lets it")
        guest.daemon.wait_said(what)
        assert state_of(ctl, tty) == "refused"
        time.sleep(2.5)
        assert guest.daemon.said().count(b"may not own") == 1
        host.command("AT", "OK")        # the other port goes on
        ctl("owner", tty, USER)
        guest.daemon.wait_said(f"{tty}: bound\n")
        host2.drain(0.2)
        host2.reset()
        port, = status_of(ctl, tty)["ports"]
        assert (port["owner_uid"], port["owner_gid"]) == (USER, None)
        assert port["owner"]["process"] == "atmqttd"


@pytest.mark.parametrize("owner", [
    f"--owner={USER}", f"--owner=:{USER}", f"--owner=root:{USER}"])
def test_a_user_or_a_group_is_named_by_attach(ctl, guest, host2, owner):
    """In time: the log has no complaint."""
    with attached(ctl, guest, owner) as tty:
        guest.daemon.wait_said(f"{tty}: bound\n")
        assert b"may not own" not in guest.daemon.said()


def test_an_owner_who_is_nobody(ctl, guest, host2):
    """Before the tty is touched."""
    tty = guest.daemon.ttys[1]
    ctl("detach", tty)
    _, said = ctl("attach", "--owner=nosuchuser", tty, status=USAGE)
    assert said == "atmqttctl: owner: there is no user 'nosuchuser'\n"
    _, said = ctl("owner", tty, "root", status=NO_PORT)
    assert said == f"atmqttctl: /dev/{tty}: n_at is not attached\n"
    ctl("attach", bed.OWNER, tty)
    until(lambda: state_of(ctl, tty) == "bound")


@pytest.mark.parametrize("command", [
    ("owner", "TTY", "65534"), ("attach", "--owner=65534", "TTY"),
    ("monitor",)])
def test_a_stranger_names_nobody(ctl, guest, host, command):
    words = [guest.daemon.ttys[0] if word == "TTY" else word
             for word in command]
    run = bed.run("setpriv", "--reuid=65534", "--regid=65534",
                  "--clear-groups", ctl.binary, *words, check=False,
                  stderr=subprocess.PIPE)
    assert run.returncode == 1
    assert re.search(b"CAP_NET_ADMIN|Permission denied", run.stderr)


# ---- a daemon that hangs ----

@pytest.fixture
def impatient(guest, host):
    with configured(guest, exec_timeout_ms=1000 * EXEC_S):
        host.reset()
        yield host


def test_a_line_in_a_daemon_that_hangs(guest, impatient, topic, subscriber):
    """It ends by time, and is not executed when the daemon goes on."""
    host = impatient
    connect(host)
    guest.daemon.signal("STOP")
    start = time.monotonic()
    for text in b"one", b"two":
        host.write(b'AT+MQTTPUB=1,"%s",1,0,"%s"\r' % (topic.encode(), text))
        host.expect(b"\r\nERROR\r\n", timeout=EXEC_S + 10)
    assert time.monotonic() - start >= 2 * EXEC_S - 0.1
    host.write(b'AT+MQTTPUB=1,"%s",1,0,"three"\r' % topic.encode())
    time.sleep(0.2)
    guest.daemon.signal("CONT")
    host.expect(b"\r\nOK\r\n\r\n+MQTTPUB: 1,1\r\n", timeout=20)
    subscriber.expect(topic, b"three")
    subscriber.none()
    assert guest.daemon.said().count(b"not executed") == 2


def test_data_in_a_daemon_that_hangs(guest, impatient, topic, subscriber):
    host = impatient
    connect(host)
    host.write(b'AT+MQTTPUB=1,"%s",1,0,5\r' % topic.encode())
    host.expect(b"\r\n>\r\n")
    guest.daemon.signal("STOP")
    host.write(b"12345")
    host.expect(b"\r\nERROR\r\n", timeout=EXEC_S + 10)
    guest.daemon.signal("CONT")
    host.command("AT", "OK")
    subscriber.none()


def test_a_host_that_is_silent_for_longer(guest, impatient):
    time.sleep(1.5 * EXEC_S)
    impatient.command("AT", "OK")
    assert b"not executed" not in guest.daemon.said()


# ---- the watchdog ----

class Manager:
    def __init__(self):
        bed.run("rm", "-f", MANAGER)
        self.process = bed.popen("python3", "-S", HERE / "manager.py",
                                 MANAGER, stdout=subprocess.PIPE, bufsize=0)
        until(lambda: bed.run("test", "-S", MANAGER,
                              check=False).returncode == 0)

    def fed(self, seconds):
        """How often in the time to come."""
        self.hear()
        time.sleep(seconds)
        return self.hear().count(b"WATCHDOG=1")

    def hear(self):
        os.set_blocking(self.process.stdout.fileno(), False)
        data = b""
        while more := self.process.stdout.read(65536):
            data += more
        return data

    def close(self):
        bed.signal("KILL", *bed.pids("python3", "-S", HERE / "manager.py"))
        self.process.wait()


@pytest.fixture(scope="module")
def hanging_library(guest):
    library = BUILD / "hang.so"
    compiler = {"arm64": "aarch64-linux-gnu-gcc"}.get(guest.arch, "gcc")
    subprocess.run([compiler, f"--sysroot={guest.root}", "-D_GNU_SOURCE",
                    "-O2", "-Wall", "-shared", "-fPIC", "-o", library,
                    HERE / "hang.c"], check=True)
    return library


@pytest.fixture
def watched(guest, daemon, hanging_library):
    manager = Manager()
    bed.run("rm", "-f", HANG)
    daemon.restart(NOTIFY_SOCKET=MANAGER, HANG=HANG,
                   WATCHDOG_USEC=1000000 * WATCHDOG_S,
                   LD_PRELOAD=hanging_library)
    yield manager
    bed.run("rm", "-f", HANG)
    manager.close()


def test_the_watchdog_is_fed_while_the_threads_go_on(watched, host):
    connect(host)
    assert watched.fed(2 * WATCHDOG_S) >= 4
    bed.run("sh", "-c", f"echo atmqttd >{HANG}")
    watched.fed(WATCHDOG_S)
    assert watched.fed(2 * WATCHDOG_S) == 0
    bed.run("rm", HANG)
    assert watched.fed(2 * WATCHDOG_S) >= 1
