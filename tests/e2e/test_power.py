# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The life of a module (rules P1 to P7), by the clock.

Times are measured at the host's end.  None may be shorter than the rule has
it; how much longer it may be depends on how slow the guest is.
"""
import contextlib
import pathlib
import time

import pytest

import bed
from broker import publish
from conftest import configured, connect, subscribe

BOOT = b"\r\nAT command ready\r\n\r\n+SIM READY\r\n"
# The rules' times are seconds: these are long enough to be told apart.
BOOT_S = 0.6
ANNOUNCE_S = 0.9
OFF_S = 0.7
UNPLUGGED_S = 1.5
LATE_S = 3


@contextlib.contextmanager
def comes_after(host, seconds, want=BOOT):
    """What is done within is followed by these bytes, so much later."""
    start = time.monotonic()
    yield
    host.expect(want, timeout=seconds + LATE_S)
    took = time.monotonic() - start
    assert took >= seconds - 0.05, f"after {took:.3f} s"


@pytest.fixture(scope="module", autouse=True)
def times(guest):
    with configured(guest, boot_ms=int(1000 * BOOT_S),
                    announce_ms=int(1000 * ANNOUNCE_S),
                    off_ms=int(1000 * OFF_S),
                    unplugged_ms=int(1000 * UNPLUGGED_S)):
        yield


@pytest.fixture
def real(host):
    """The first port, whose boot lines are over."""
    host.drain(BOOT_S + 0.2)
    yield host
    host.drain()


@contextlib.contextmanager
def also(guest, host, **keys):
    """More keys in the first port's section."""
    with configured(guest, **keys):
        host.drain(BOOT_S + 0.2)
        yield


def unplug(guest, gone=False):
    """What the daemon sees of it; gone: and it stays away for too long."""
    ctl = pathlib.Path(guest.daemon.binary).parent / "atmqttctl"
    tty = guest.daemon.ttys[0]
    bed.run(ctl, "detach", tty)
    guest.daemon.wait_said(f"{tty}: gone\n")
    if gone:
        guest.daemon.wait_said("its links are cut")
    return lambda: bed.run(ctl, "attach", bed.OWNER, tty)


@pytest.fixture
def attached(guest):
    """The daemon's log begins anew, and the host has said nothing."""
    guest.daemon.restart()
    yield
    guest.daemon.restart()


# ---- P1, P2: power-on ----

def test_p1_p2_boot_lines_until_the_host_speaks(guest, attached, host):
    plug = unplug(guest, gone=True)
    host.drain()
    with comes_after(host, BOOT_S):
        plug()
    for _ in range(2):
        with comes_after(host, ANNOUNCE_S):
            pass
    host.write(b"A")        # a byte, and no line yet
    host.expect(b"A")
    host.quiet(2 * ANNOUNCE_S)
    host.write(b"T\r")
    host.expect(b"T\r\r\nOK\r\n")


def test_p1_commands_are_answered_meanwhile(guest, attached, host):
    plug = unplug(guest, gone=True)
    host.drain()
    with comes_after(host, BOOT_S):
        plug()
        host.write(b"AT+CPIN?\r")
        host.expect(b"AT+CPIN?\r\r\n+CPIN: READY\r\n\r\nOK\r\n")
    host.quiet(2 * ANNOUNCE_S)


# ---- P3: restart by command ----

@pytest.mark.parametrize("command", ["AT+RESET", "AT+CFUN=15", "AT+CFUN=1,1"])
def test_p3_restart_by_command(real, command, topic, subscriber):
    real.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
    connect(real)
    with comes_after(real, BOOT_S):
        real.command(command, "OK")
    subscriber.expect(topic, b"gone", 1)
    real.write(b"ATE0\r")
    real.expect(b"ATE0\r\r\nOK\r\n")
    real.command("AT+MQTTCLOSE?;+MQTTWILL?", "+MQTTCLOSE: 0", "OK")


def test_p3_off_is_deaf(real):
    with comes_after(real, OFF_S + BOOT_S):
        real.command("AT+CPWROFF", "OK")
        real.write(b"AT\rAT+CSQ\rnoise\r")
        real.quiet(OFF_S / 2)
    real.write(b"ATE0\r")
    real.expect(b"ATE0\r\r\nOK\r\n")


# ---- P4: restart by the outside ----

def test_p4_atmqttctl_restart(guest, real, topic, subscriber):
    ctl = pathlib.Path(guest.daemon.binary).parent / "atmqttctl"
    real.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
    connect(real)
    with comes_after(real, BOOT_S):
        bed.run(ctl, "restart", guest.daemon.ttys[0])
    subscriber.expect(topic, b"gone", 1)
    real.write(b"AT\r")         # the echo is as after power-on
    real.match(rb"AT\r\r\nOK\r\n")
    done = bed.run(ctl, "restart", "ttyNONE", check=False)
    assert done.returncode == 5


def test_p4_in_the_middle_of_data(guest, real, topic):
    """The host's next command is one, and not the payload's rest."""
    ctl = pathlib.Path(guest.daemon.binary).parent / "atmqttctl"
    connect(real)
    real.write(f'AT+MQTTPUB=1,"{topic}",0,0,100\r'.encode())
    real.expect(b"\r\n>\r\n")
    real.write(b"some of it")
    with comes_after(real, BOOT_S):
        bed.run(ctl, "restart", guest.daemon.ttys[0])
    real.write(b"AT\r")
    real.match(rb"AT\r\r\nOK\r\n")


# ---- P5: the daemon goes and comes ----

@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_p5_a_new_daemon_tells_and_keeps(daemon, real, signal):
    real.command("AT+CMEE=2;+CREG=1;+MQTTCONF=1", "OK")
    connect(real)
    with comes_after(real, BOOT_S):
        daemon.restart(signal)
    real.command("AT+CMEE?;+CREG?;+MQTTCONF?", "+CMEE: 2", "+CREG: 1,1",
                 "+MQTTCONF: 1", "OK")      # and there was no echo
    real.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    real.command("AT+CMEE=1;+CREG=0;+MQTTCONF=0", "OK")


def test_p5_boot_lines_follow_the_error_of_the_line(daemon, real):
    daemon.signal("STOP")
    real.write(b"AT\r")
    real.quiet(0.3)
    daemon.end("KILL")
    real.expect(b"\r\nERROR\r\n")
    with comes_after(real, BOOT_S):
        daemon.start()


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_p5_links_come_back_by_themselves(guest, real, signal, topic):
    with also(guest, real, reconnect="yes"):
        real.command('AT+MQTTUSER=1,"u","p","again"', "OK")
        connect(real, keepalive=77)
        subscribe(real, topic, 1)
        guest.daemon.restart(signal)
        real.result("+MQTTBREAK: 1,1")
        real.result("+MQTTOPEN: 1,1", timeout=10)
        publish(topic, b"here", 1)
        real.result(f'+MQTTMSG: 1,1,"{topic}","here"', timeout=10)
        real.quiet(BOOT_S)
        real.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


@pytest.mark.parametrize("will_on_stop", ["no", "yes"])
def test_p5_a_stop_says_goodbye_or_leaves_the_will(guest, real, topic,
                                                   subscriber, will_on_stop):
    with also(guest, real, will_on_stop=will_on_stop):
        real.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
        connect(real)
        guest.daemon.end("TERM")
        if will_on_stop == "yes":
            subscriber.expect(topic, b"gone", 1)
        else:
            subscriber.none()
        guest.daemon.start()
        real.expect(BOOT)


# ---- P6: the tty goes and comes ----

def test_p6_plugged_again_in_time(guest, attached, real, topic, subscriber):
    connect(real)
    unplug(guest)()
    real.quiet(BOOT_S + ANNOUNCE_S)
    real.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1", "OK")
    real.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK", "+MQTTPUB: 1,1")
    subscriber.expect(topic, b"x", 1)


def test_p6_plugged_again_too_late(guest, attached, real, topic, subscriber):
    real.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
    connect(real)
    plug = unplug(guest, gone=True)
    subscriber.expect(topic, b"gone", 1)
    with comes_after(real, BOOT_S):
        plug()
    real.write(b"AT+MQTTCLOSE?\r")
    real.expect(b"AT+MQTTCLOSE?\r\r\n+MQTTCLOSE: 0\r\n\r\nOK\r\n")


# ---- P7: the host restarts alone ----

START = ("AT", "ATE0", "AT+CPIN?", "AT+CREG?", "AT+CGATT?", "AT+MIPCALL=1",
         'AT+MQTTUSER=1,"u","p"')


@pytest.mark.parametrize("again", ["refuse", "replace"])
def test_p7_the_same_start_twice(guest, real, topic, again):
    with also(guest, real, open_again=again):
        for turn in range(2):
            for line in START:
                real.write(line.encode() + b"\r")
                real.match(rb".*?\r\nOK\r\n(\r\n\+MIPCALL: [0-9.]+\r\n)?")
            real.drain(0.2)
            real.write(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r')
            if turn and again == "refuse":
                real.expect(b"\r\n+CME ERROR: 3\r\n")
            else:
                real.expect(b"\r\nOK\r\n")
                real.result("+MQTTOPEN: 1,1")
            real.command(f'AT+MQTTSUB=1,"{topic}",1', "OK", "+MQTTSUB: 1,1")
