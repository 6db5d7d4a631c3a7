# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What people who do this job reported, by its number in tests/reports.md: the
reports that need a tty, a broker or time."""
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

import bed
import idle
from broker import publish_lines
from conftest import connect, subscribe
from hosts.firmware import BOOT
from test_hostile import CONNACK, PORT, scripted

HERE = pathlib.Path(__file__).parent
OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
FULL = bool(os.environ.get("ATMQTT_FULL"))
BREAKS = 100 if FULL else 20
FLOOD = 1 << (20 if FULL else 18)
OPEN = f'AT+MQTTOPEN=1,"127.0.0.1",{PORT},1,60\r'.encode()
LINE = rb"\r\n(?:OK|\+C[A-Z]+: [0-9,]+|\+MQTTMSG: [^\r]+)\r\n"


def out_of(size, text):
    """As long as that, ending in a CRLF of its own."""
    return text + b" " * (size - len(text)) + b"\r\n"


def test_r6_a_refused_payload_is_noise(connected, subscriber):
    """1025 bytes that the host writes all the same: one ERROR, no more."""
    for line in b"AT\r\n", b"AT\r\n":
        connected.write(line)
        connected.expect(OK)
    for payload in (b'{"temperature":21,"data":1,"status":"rate"}',
                    b'{"latitude":1,"AT":2,"battery":"AT"}'):
        connected.write(b'AT+MQTTPUB=1,"t",1,0,1025\r\n')
        connected.expect(ERROR)
        time.sleep(0.3)
        connected.write(out_of(1025, payload) + b"AT\r\n")
        connected.expect(OK)
    connected.quiet(0.2)


def test_r6_what_looks_like_a_command_in_it(connected):
    """A prefix behind a quote is one (noise of any kind may precede), but
    what follows makes it an error: nothing is switched off."""
    connected.write(b'AT+MQTTPUB=1,"t",1,0,1025\r\n')
    connected.expect(ERROR)
    connected.write(out_of(1025, b'{"cmd":"AT+CPWROFF"}'))
    connected.expect(ERROR)
    connected.write(b"AT\r\n")
    connected.expect(OK)
    connected.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1", "OK")


@pytest.mark.parametrize("payload", [b"abc+++\r\n", b"+++", b"a+++b",
                                     b"+++\r\n"])
def test_r9_plus_signs_do_not_end_data_mode(connected, subscriber, topic,
                                            payload):
    for line in b"AT\r\n", b"AT\r\n":
        connected.write(line)
        connected.expect(OK)
    connected.write(b'AT+MQTTPUB=1,"%s",0,0,%d\r\n'
                    % (topic.encode(), len(payload)))
    connected.expect(b"\r\n>\r\n")
    for byte in payload:
        connected.write(bytes([byte]))
    connected.expect(OK)
    connected.result("+MQTTPUB: 1,1")
    subscriber.expect(topic, payload)
    connected.quiet(0.2)


def test_r18_messages_do_not_leak_into_answers(connected, topic):
    """Each line begins and ends with its own CRLF, whatever comes between."""
    subscribe(connected, topic, 0)
    asked = (b"AT+CREG?\r", b"AT+CSQ\r", b"AT+CGATT?\r")
    connected.write(b"".join(asked) * 20)
    publish_lines(topic, [f"m{number:03}" for number in range(100)])
    connected.write(b"".join(asked) * 20)
    lines = [connected.match(LINE, timeout=20)[0] for _ in range(340)]
    connected.quiet(0.2)
    assert lines.count(OK) == 120
    for text in b"+CREG: 0,1", b"+CGATT: 1":
        assert lines.count(b"\r\n" + text + b"\r\n") == 40
    # an answer and its OK stay together
    for first, second in zip(lines, lines[1:]):
        if first.startswith(b"\r\n+C"):
            assert second == OK


def test_r27_cpin_is_answered_at_any_time(host, own_broker):
    """By a host that was reset alone: idle, opening, publishing."""
    own_broker.signal("STOP")
    for line, result in (
            (None, None),
            ('AT+MQTTOPEN=1,"127.0.0.1",1984,1,60', "+MQTTOPEN: 1,1"),
            ('AT+MQTTPUB=1,"t",1,0,"x"', "+MQTTPUB: 1,1")):
        if line:
            host.command(line)
        assert not idle.late(host, b"AT+CPIN?\r",
                             b"\r\n+CPIN: READY\r\n" + OK, 3)
        if result:
            own_broker.signal("CONT")
            host.result(result)
            own_broker.signal("STOP")


def test_r27_a_restarted_daemon_says_so(daemon, connected):
    """What tells the host to tear everything down and start again."""
    daemon.restart("TERM")
    connected.expect(BOOT, timeout=10)
    connected.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")


def test_r34_open_in_the_write_that_answers_a_break(host):
    """Each has its OK and one result, each loss one BREAK."""
    with scripted(CONNACK, "wait:0.05", "end"):
        host.write(OPEN)
        for _ in range(BREAKS):
            host.expect(OK + b"\r\n+MQTTOPEN: 1,1\r\n\r\n+MQTTBREAK: 1,1\r\n")
            host.write(OPEN)
        host.expect(OK + b"\r\n+MQTTOPEN: 1,1\r\n\r\n+MQTTBREAK: 1,1\r\n")
        host.quiet(0.5)


def test_r37_close_and_open_in_one_write(connected):
    """A host that restarted alone, and one that recovers with both."""
    connected.write(b'AT\r\nATE0\r\nAT+MQTTUSER=1,"u","p"\r\n')
    connected.expect(OK * 3)
    open_line = b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n'
    connected.write(open_line)
    connected.expect(b"\r\n+CME ERROR: 3\r\n")
    for _ in range(20):
        connected.write(b"AT+MQTTCLOSE=1\r\n" + open_line)
        # the OPEN's OK may be ahead of the CLOSE's result
        connected.match(
            rb"\r\nOK\r\n(\r\n\+MQTTCLOSE: 1,1\r\n\r\nOK\r\n"
            rb"|\r\nOK\r\n\r\n\+MQTTCLOSE: 1,1\r\n)\r\n\+MQTTOPEN: 1,1\r\n")
    connected.quiet(0.2)


@pytest.fixture
def system_roots(guest):
    """Without tls_ca, and the guest's /etc/ssl/certs is this directory."""
    run = pathlib.Path(os.environ["ATMQTT_BED"])
    roots = run / "roots"
    roots.mkdir(exist_ok=True)
    bed.run("mount", "--bind", roots, "/etc/ssl/certs")
    config = guest.daemon.config
    text = config.read_text()
    config.write_text(re.sub(r"\n\ttls_ca = .*", "", text, count=1))
    guest.daemon.restart()
    yield roots
    bed.run("umount", "/etc/ssl/certs")
    config.write_text(text)
    guest.daemon.restart()


def test_r46_the_systems_roots_are_believed(system_roots, host):
    """One that was installed there vouches; none at all is named."""
    root = system_roots / "local.pem"
    shutil.copy(system_roots.parent / "certs" / "ca.pem", root)
    connect(host, where="localhost", port=8883, tls=2)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    root.unlink()
    connect(host, where="localhost", port=8883, tls=2, status=0)
    host.command("AT+CEER",
                 '+CEER: "no system trust store (localhost:8883)"', "OK")


def test_r48_sim_ready_as_modemmanager_wants_it(host):
    """Its plug-in takes exactly this out of what it reads; once."""
    host.write(b"AT+CFUN=15\r")
    host.expect(OK)
    found = host.match(rb"((?:(?!\+SIM READY).)*)\r\n\+SIM READY\r\n",
                       timeout=10)
    assert b"SIM" not in found[1]
    host.quiet(1)


def test_r55_a_flood_on_a_pty(guest):
    """A quarter of a megabyte at once, or all of it with ATMQTT_FULL=1, in
    lines as long as they may be: each is answered once."""
    run = bed.run("timeout", "120", "python3", "-S", HERE / "on_pty.py",
                  pathlib.Path(guest.daemon.binary).parent / "atmqttctl",
                  "flood", FLOOD, timeout=180)
    assert int(run.stdout) == 0


def test_r56_a_tty_that_somebody_has_for_himself(guest):
    """TIOCEXCL, as a console or another program sets it: not stolen, and
    whoever starts the attachment learns why."""
    script = """if 1:
        import fcntl, os, pty, subprocess, sys, termios
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCEXCL)
        run = subprocess.run(
            ["setpriv", "--bounding-set", "-sys_admin", sys.argv[1],
             "attach", "--foreground", os.ttyname(slave)])
        sys.exit(run.returncode)"""
    ctl = pathlib.Path(guest.daemon.binary).parent / "atmqttctl"
    run = bed.run("python3", "-S", "-c", script, ctl, check=False,
                  stderr=subprocess.PIPE)
    assert run.returncode == 1
    assert b"Device or resource busy" in run.stderr


def test_r56_who_reads_the_tty_beside_us_gets_nothing(guest, host):
    """cat </dev/ttyS0 by root does not eat the host's bytes."""
    tty = f"/dev/{guest.daemon.ttys[0]}"
    cat = bed.popen("timeout", "10", "cat", tty, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    for _ in range(50):
        host.command("AT+CSQ", "+CSQ: 31,99", "OK")
    bed.signal("TERM", *bed.pids("timeout", "10", "cat", tty))
    assert cat.communicate(timeout=60)[0] == b""
