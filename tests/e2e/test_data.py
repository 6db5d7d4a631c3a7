# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Data mode: Datasize payloads, byte for byte."""
import pytest

from atmqttd import DATA_TIMEOUT_S
from broker import publish
from conftest import connect, subscribe

PROMPT = b"\r\n>\r\n"
OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
EVERY_BYTE = bytes(range(256)) * 4


def pub(topic, size, client=1, qos=1):
    return f'AT+MQTTPUB={client},"{topic}",{qos},0,{size}'.encode()


def sent(host):
    host.expect(OK)
    host.result("+MQTTPUB: 1,1")


@pytest.mark.parametrize("end", [b"\r", b"\r\n"], ids=["CR", "CRLF"])
def test_1024_bytes_after_the_prompt(connected, subscriber, topic, end):
    """All byte values, by a host with CR and by one with CRLF line ends."""
    connected.write((b"AT" + end) * 2)
    connected.expect(OK * 2)
    connected.write(pub(topic, 1024) + end)
    connected.expect(PROMPT)
    connected.write(EVERY_BYTE)
    sent(connected)
    subscriber.expect(topic, EVERY_BYTE, 1)
    connected.quiet(0.2)


@pytest.mark.parametrize("end", [b"\r", b"\r\n"], ids=["CR", "CRLF"])
def test_1024_bytes_right_behind_the_command(connected, subscriber, topic,
                                             end):
    """The host does not wait for the prompt, nor for the result."""
    connected.write((b"AT" + end) * 2)
    connected.expect(OK * 2)
    connected.write(pub(topic, 1024) + end + EVERY_BYTE + b"AT" + end)
    connected.expect(PROMPT + OK)
    connected.match(rb"\r\nOK\r\n\r\n\+MQTTPUB: 1,1\r\n"
                    rb"|\r\n\+MQTTPUB: 1,1\r\n\r\nOK\r\n")
    subscriber.expect(topic, EVERY_BYTE, 1)
    connected.quiet(0.2)


@pytest.mark.parametrize("first", [b"\n", b"\r", b"\r\n", b"\0", b"\x1b",
                                   b"AT\r"])
def test_first_bytes_of_a_cr_only_host(connected, subscriber, topic, first):
    """A LF after the CR of such a host is payload."""
    payload = first + b"abc"
    connected.write(b"AT\rAT\r")
    connected.expect(OK * 2)
    connected.write(pub(topic, len(payload)) + b"\r")
    connected.expect(PROMPT)
    connected.write(payload)
    sent(connected)
    subscriber.expect(topic, payload)


def test_first_lf_of_a_crlf_host_belongs_to_the_line(connected, subscriber,
                                                     topic):
    """One only: the next is payload."""
    connected.write(b"AT\r\nAT\r\n")
    connected.expect(OK * 2)
    connected.write(pub(topic, 3) + b"\r\n\nab")
    connected.expect(PROMPT)
    sent(connected)
    subscriber.expect(topic, b"\nab")


def test_data_are_not_echoed(connected, subscriber, topic):
    connected.command("ATE1")
    line = pub(topic, 5) + b"\r"
    connected.write(line)
    connected.expect(line + PROMPT)
    connected.write(b"AT\rxy")
    sent(connected)
    subscriber.expect(topic, b"AT\rxy")


def test_byte_by_byte(connected, subscriber, topic):
    connected.write(pub(topic, 20) + b"\r")
    connected.expect(PROMPT)
    for byte in b"0123456789\r\nOK\r\n\b\x7f;\"":
        connected.write(bytes([byte]))
    sent(connected)
    subscriber.expect(topic, b"0123456789\r\nOK\r\n\b\x7f;\"")


def test_many_datasizes_pipelined(connected, subscriber, topic):
    everything = b""
    payloads = [bytes([n]) * (n + 1) for n in range(40)]
    connected.write(b"AT\rAT\r")
    connected.expect(OK * 2)
    for payload in payloads:
        everything += pub(topic, len(payload)) + b"\r" + payload
    connected.write(everything)
    for payload in payloads:
        subscriber.expect(topic, payload)
    answers = connected.collect(len(payloads) * len(
        PROMPT + OK + b"\r\n+MQTTPUB: 1,1\r\n"))
    for part in PROMPT, OK, b"\r\n+MQTTPUB: 1,1\r\n":
        assert answers.count(part) == len(payloads)
    connected.quiet(0.2)


@pytest.mark.parametrize("size, bytes_", [(1, b"\n"), (1, b"\0"),
                                          (2, b"\r\n")])
def test_shortest(connected, subscriber, topic, size, bytes_):
    connected.write(b"AT\rAT\r" + pub(topic, size) + b"\r")
    connected.expect(OK * 2 + PROMPT)
    connected.write(bytes_)
    sent(connected)
    subscriber.expect(topic, bytes_)


def test_time_out(connected, subscriber, topic):
    """The port's data_timeout_ms is idle time."""
    connected.write(pub(topic, 10) + b"\r")
    connected.expect(PROMPT)
    for _ in range(4):
        connected.quiet(0.4 * DATA_TIMEOUT_S)
        connected.write(b"x")
    connected.expect(ERROR, timeout=10)
    connected.command("AT", "OK")
    subscriber.none()


def test_the_wrong_size_does_not_ask_for_data(connected, topic):
    for size in 0, 1025, 99999999999:
        connected.write(pub(topic, size) + b"\r")
        connected.expect(ERROR)
    connected.command("AT", "OK")


def test_not_connected_does_not_ask_for_data(host, topic):
    """The payload that the host writes all the same is noise."""
    host.write(pub(topic, 10) + b"\r" + b"0123456789\r" + b"AT\r")
    host.expect(ERROR + OK)
    host.quiet(0.2)


def test_messages_wait_for_the_end_of_the_data(connected, topic):
    """L13: nothing between the prompt and the end of the data."""
    subscribe(connected, f"{topic}/in", 1)
    connected.write(pub(topic, 4) + b"\r")
    connected.expect(PROMPT)
    connected.write(b"ab")
    publish(f"{topic}/in", b"one", 1)
    publish(f"{topic}/in", b"two", 1)
    connected.quiet()
    connected.write(b"cd")
    connected.expect(OK)
    got = connected.collect(2 * len(f'\r\n+MQTTMSG: 1,1,"{topic}/in","one"\r\n')
                            + len("\r\n+MQTTPUB: 1,1\r\n"))
    assert got.index(b'"one"') < got.index(b'"two"')
    assert got.count(b"\r\n+MQTTPUB: 1,1\r\n") == 1


def test_will_by_datasize(host2, topic):
    """MC665 has it; no prompt for an empty will."""
    host2.write(f'AT+MQTTWILL=1,"{topic}",1,0,4\r'.encode())
    host2.expect(PROMPT)
    host2.write(b"a\r\0\xff")
    host2.expect(OK)
    host2.command("AT+MQTTWILL?", b'+MQTTWILL: 1,"%s",1,0,"a\r\0\xff"'
                  % topic.encode(), "OK")
    host2.command(f'AT+MQTTWILL=1,"{topic}",1,0,0', "OK")
    host2.command("AT+MQTTWILL?", f'+MQTTWILL: 1,"{topic}",1,0,""', "OK")


def test_will_by_datasize_is_not_in_every_model(host, topic):
    host.command(f'AT+MQTTWILL=1,"{topic}",1,0,4', "ERROR")
