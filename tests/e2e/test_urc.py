# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L13: unsolicited results wait for a line that is being typed."""
import time

from broker import publish
from conftest import subscribe


def test_a_message_waits_for_the_line(connected, topic):
    """urc_hold_ms counts from the last byte typed."""
    subscribe(connected, topic, 1)
    line = b"AT" + b" " * 40
    connected.write(line[:2])
    publish(topic, b"x", 1)
    for byte in line[2:]:
        connected.quiet(0.05)
        connected.write(bytes([byte]))
    connected.write(b"\r")
    connected.result("OK")
    connected.result(f'+MQTTMSG: 1,1,"{topic}","x"')


def test_a_half_typed_line_holds_it_so_long_at_most(connected, topic):
    subscribe(connected, topic, 1)
    start = time.monotonic()
    connected.write(b"AT")
    publish(topic, b"x", 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","x"', timeout=5)
    assert time.monotonic() - start > 0.9
    connected.write(b"\r")
    connected.result("OK")


def test_messages_of_a_burst_come_whole_between_lines(connected, topic):
    """200 messages while 200 lines are sent: neither breaks the other.

    Of QoS 1: those of QoS 0 need not wait for a host that keeps its line busy.
    """
    from broker import publish_lines
    subscribe(connected, topic, 1)
    connected.write(b"AT\r" * 100)
    publish_lines(topic, [f"m{number:03}" for number in range(200)], qos=1)
    connected.write(b"AT\r" * 100)
    message = f'\r\n+MQTTMSG: 1,1,"{topic}","m000"\r\n'.encode()
    text = connected.collect(200 * (len(message) + len(b"\r\nOK\r\n")), 20)
    parts = text.split(b"\r\n\r\n")
    parts[0], parts[-1] = parts[0][2:], parts[-1][:-2]
    assert parts.count(b"OK") == 200
    assert [p for p in parts if p != b"OK"] == [
        f'+MQTTMSG: 1,1,"{topic}","m{number:03}"'.encode()
        for number in range(200)]
