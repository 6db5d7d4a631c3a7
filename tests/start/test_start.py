# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""How the daemon starts, and how it does not: without n_at, on this machine."""
import contextlib
import os
import pathlib
import resource
import socket
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = ROOT / "build" / "atmqttd"
PATIENCE_S = 60         # of a busy machine; a daemon that hangs takes longer

CONFIG = """
state_dir = "{0}"
runtime_dir = "{0}"
control = ""
"""
PORT = 'port "{}" {{ imei = "123456789012345" }}\n'


@pytest.fixture
def config(tmp_path):
    """Its path; ports, or other text, as a test likes."""
    def write(*sections):
        path = tmp_path / "atmqttd.conf"
        path.write_text(CONFIG.format(tmp_path) + "\n".join(sections))
        return path
    return write


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """The end of sd_notify(3) that a service manager has."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield sock


def run(*arguments, **options):
    return subprocess.run([DAEMON, *arguments], text=True, timeout=PATIENCE_S,
                          stderr=subprocess.PIPE, **options)


@contextlib.contextmanager
def running(path, **options):
    with subprocess.Popen([DAEMON, "-c", path], text=True,
                          stderr=subprocess.PIPE, **options) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


def end(daemon):
    """Its exit status and what it said."""
    daemon.terminate()
    said = daemon.communicate(timeout=PATIENCE_S)[1]
    return daemon.returncode, said


def limit(files):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


@pytest.mark.parametrize("files", [4, 5, 6, 8, 9, 11, 12, 14, 16, 32])
def test_too_few_descriptors_are_said(config, files):
    """No abort, no hang, and not another reason."""
    done = run("-c", config(PORT.format("ttyS1")), preexec_fn=limit(files))
    assert done.returncode == 1
    assert "cannot start: too many open files" in done.stderr


def test_descriptors_for_some_ports_only_are_said(config, manager):
    path = config(*(PORT.format(f"ttyS{n}") for n in range(100)))
    with running(path, preexec_fn=limit(256)) as daemon:
        assert manager.recv(4096) == b"READY=1"
        status, said = end(daemon)
    assert status == 0
    assert "100 ports may need 648 open files, 256 are allowed" in said


def close_standard():
    for fd in 0, 1, 2:
        os.close(fd)


def test_standard_descriptors_are_nobody_elses(config, manager):
    """A log line in a pipe of libuv's own is a token of its lock too many."""
    path = config(PORT.format("ttyS1"))
    with running(path, preexec_fn=close_standard) as daemon:
        assert manager.recv(4096) == b"READY=1"
        names = [os.readlink(f"/proc/{daemon.pid}/fd/{fd}") for fd in range(3)]
        assert end(daemon)[0] == 0
    assert names == ["/dev/null"] * 3


def test_a_state_file_that_is_a_fifo_is_not_waited_for(config, manager,
                                                       tmp_path):
    os.mkfifo(tmp_path / "ttyS1.profile")
    with running(config(PORT.format("ttyS1"))) as daemon:
        assert manager.recv(4096) == b"READY=1"
        status, said = end(daemon)
    assert status == 0
    assert "ttyS1: stored settings not read: Invalid argument" in said


def test_without_the_module_it_is_ready(config, manager):
    with running(config(PORT.format("ttyS1"))) as daemon:
        assert manager.recv(4096) == b"READY=1"
        assert end(daemon)[0] == 0
        assert manager.recv(4096) == b"STOPPING=1"


def test_a_bad_port_is_alone_but_the_check_fails(config, manager):
    path = config(PORT.format("ttyS1"), PORT.format("/dev/ttyS2"))
    checked = run("--check-config", "-c", path)
    assert checked.returncode == 1
    assert 'port "/dev/ttyS2": a tty is meant by its name' in checked.stderr
    with running(path) as daemon:
        assert manager.recv(4096) == b"READY=1"
        status, said = end(daemon)
    assert status == 0
    assert "port /dev/ttyS2 is not served" in said
