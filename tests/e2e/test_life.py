# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Brokers that go, daemons that die, and a flood."""
import time

import bed
from broker import publish
from conftest import connect, subscribe

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
PROMPT = b"\r\n>\r\n"


BOOT = rb"(\r\nAT command ready\r\n\r\n\+SIM READY\r\n)?"


def works(host):
    """Whatever was half written ends, and the next command is answered.  The
    boot lines of a new daemon wait for the end of a line."""
    host.write(b"\rATE0\r")
    host.match(BOOT + rb"\r?" + BOOT + rb"(ATE0\r)?\r\nOK\r\n")
    host.drain()
    host.command("AT", "OK")
    host.quiet(0.2)


# ---- the broker ----

def test_broker_restart(host, own_broker, topic):
    connect(host, port=1984)
    own_broker.stop("TERM")
    host.result("+MQTTBREAK: 1,1")
    host.quiet(1)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "ERROR")
    connect(host, port=1984, status=0)
    own_broker.start()
    connect(host, port=1984)
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK", "+MQTTPUB: 1,1")


def test_broker_killed_with_both_clients(host, own_broker):
    for client in 1, 2:
        connect(host, client=client, port=1984)
    own_broker.stop("KILL")
    breaks = {host.match(rb"\r\n\+MQTTBREAK: ([12]),1\r\n")[1]
              for _ in range(2)}
    assert breaks == {b"1", b"2"}
    host.quiet(1)


def test_broker_killed_with_requests_under_way(host, own_broker, topic):
    """Each request has its result, before the break."""
    connect(host, port=1984)
    own_broker.signal("STOP")
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK")
    host.command(f'AT+MQTTSUB=1,"{topic}",1', "OK")
    own_broker.stop("KILL")
    host.result("+MQTTPUB: 1,0")
    host.result("+MQTTSUB: 1,0")
    host.result("+MQTTBREAK: 1,1")
    host.quiet(0.5)


def test_unanswered_ping(host, own_broker):
    connect(host, port=1984, keepalive=2)
    own_broker.signal("STOP")
    host.result("+MQTTBREAK: 1,1", timeout=10)
    own_broker.signal("CONT")
    connect(host, port=1984)


def test_the_link_is_kept_alive(host, own_broker):
    """The broker drops a client that is silent for 1.5 keepalives."""
    connect(host, port=1984, keepalive=1)
    host.quiet(4)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1", "OK")


def test_qos_1_and_2_are_sent_again_in_a_kept_session(host, own_broker, topic):
    connect(host, port=1984, clean=0)
    subscribe(host, topic, 2)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    for qos in 1, 2:
        publish(topic, b"q%d" % qos, qos, port=1984)
    connect(host, port=1984, clean=0)
    for qos in 1, 2:
        host.result(f'+MQTTMSG: 1,{qos},"{topic}","q{qos}"')
    host.quiet()


# ---- kill -9 of the daemon, in each mode ----

def test_kill_in_command_mode(daemon, host):
    daemon.end("KILL")
    host.write(b"AT\r")                 # waits for the next daemon
    host.quiet(0.3)
    daemon.start()
    host.match(rb"(AT\r)?\r\nOK\r\n")
    works(host)


def test_kill_with_half_a_line(daemon, host):
    host.write(b"AT+MQTTC")
    host.quiet(0.2)
    daemon.end("KILL")
    daemon.start()
    host.drain()
    host.write(b"ONF?\r")
    host.match(rb".*\r\n\+MQTTCONF: 0\r\n\r\nOK\r\n")
    works(host)


def test_kill_while_executing(daemon, connected, subscriber, topic):
    """The line was not looked at: ERROR, and nobody executes it later."""
    daemon.signal("STOP")
    connected.write(f'AT+MQTTPUB=1,"{topic}",1,0,"x"\r'.encode())
    connected.quiet(0.5)
    daemon.end("KILL")
    connected.expect(ERROR)
    daemon.start()
    works(connected)
    subscriber.none()


def test_kill_when_executed_but_not_answered(daemon, host, subscriber, topic,
                                             slow_library):
    """Published once, answered ERROR, not published again."""
    # longer than a kill takes, shorter than the time for the broker's answer
    daemon.restart(LD_PRELOAD=slow_library,
                   SLOW_US=4000000 if bed.EMULATED else 1500000)
    host.match(rb"\r\nAT command ready\r\n\r\n\+SIM READY\r\n", timeout=20)
    host.write(b"ATE0\r")
    host.match(rb"(ATE0\r)?\r\nOK\r\n", timeout=20)
    host.write(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r')
    host.match(rb"\r\nOK\r\n\r\n\+MQTTOPEN: 1,1\r\n", timeout=20)
    host.write(f'AT+MQTTPUB=1,"{topic}",1,0,"once"\r'.encode())
    subscriber.expect(topic, b"once", 1)
    daemon.end("KILL")
    # killed on its way to the answer, or to the result behind it
    host.match(rb"\r\n(ERROR|OK)\r\n")
    daemon.start()
    works(host)
    subscriber.none()


def test_kill_in_data_mode(daemon, connected, subscriber, topic):
    """The rest of the payload is taken as such, then answered ERROR."""
    connected.write(f'AT+MQTTPUB=1,"{topic}",1,0,10\r'.encode())
    connected.expect(PROMPT)
    connected.write(b"01234")
    connected.quiet(0.2)
    daemon.end("KILL")
    daemon.start()
    connected.quiet(0.1)
    connected.write(b"\rAT\r5")
    connected.expect(ERROR)
    works(connected)
    subscriber.none()


def test_kill_in_data_mode_and_the_host_stops(daemon, connected, topic):
    """It is answered when data_timeout_ms of the port are over."""
    connected.write(f'AT+MQTTPUB=1,"{topic}",1,0,10\r'.encode())
    connected.expect(PROMPT)
    connected.write(b"01234")
    daemon.end("KILL")
    connected.expect(ERROR, timeout=5)
    daemon.start()
    works(connected)


def test_kill_with_data_unanswered(daemon, connected, subscriber, topic):
    connected.write(f'AT+MQTTPUB=1,"{topic}",1,0,4\r'.encode())
    connected.expect(PROMPT)
    daemon.signal("STOP")
    connected.write(b"abcd")
    connected.quiet(0.3)
    daemon.end("KILL")
    connected.expect(ERROR)
    daemon.start()
    works(connected)
    subscriber.none()


def test_orphan_mode(daemon, host):
    """Without a daemon for rebind_ms (5000) each line is answered ERROR."""
    daemon.end("KILL")
    start = time.monotonic()
    host.write(b"AT\rAT\r")
    host.expect(ERROR * 2, timeout=10)
    assert time.monotonic() - start > 3
    host.write(b"AT\r")
    host.expect(ERROR)
    host.write(b"noise\r")
    host.quiet(0.2)
    daemon.start()
    works(host)


def test_kill_with_lines_waiting(daemon, host):
    """One answer for each line, whoever gave it."""
    daemon.signal("STOP")
    host.write(b"AT\r" * 50)
    host.quiet(0.3)
    daemon.end("KILL")
    host.expect(ERROR)                  # the one that was under way
    daemon.start()
    host.match(rb"((AT\r)*\r\nOK\r\n){49}", timeout=10)
    works(host)


def test_stop_and_start(daemon, host):
    assert daemon.end("TERM") == 0
    daemon.start()
    works(host)


# ---- a flood ----

def test_a_megabyte_of_lines_against_a_slow_daemon(daemon, host,
                                                   slow_library):
    """1 ms a line: each is answered once, in order."""
    size, sent, answered = 1 << 20, 0, 0
    daemon.restart(LD_PRELOAD=slow_library, SLOW_US=1000)
    host.match(rb"\r\nAT command ready\r\n\r\n\+SIM READY\r\n", timeout=20)
    host.write(b"ATE0\r")
    host.match(rb"(ATE0\r)?\r\nOK\r\n", timeout=20)
    end = time.monotonic() + 300 * 2

    def line(number):
        return b'AT+MQTTUSER=1,"u%06d","%s";+MQTTUSER?\r' % (number, b"p" * 50)

    def answer(number):
        return (b'\r\n+MQTTUSER: 1,"u%06d","%s"\r\n' % (number, b"p" * 50)
                + OK)

    lines = size // len(line(0)) + 1
    while answered < lines:
        assert time.monotonic() < end, f"{answered} of {lines} answered"
        while sent < lines and sent - answered < 2000:
            batch = range(sent, min(sent + 50, lines))
            host.write(b"".join(map(line, batch)))
            sent = batch.stop
            if host.pending:
                break
        host.expect(answer(answered), timeout=10)
        answered += 1
    host.quiet()


def test_it_is_ready_when_its_ports_are_bound(daemon):
    """Who starts after it may send commands."""
    daemon.end()
    daemon.start(wait=False)
    daemon.wait_said(": ready\n")
    said = daemon.said().partition(b": ready\n")[0]
    assert all(f"{tty}: bound\n".encode() in said for tty in daemon.ttys)
