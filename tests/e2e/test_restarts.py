# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A daemon that is killed again and again, at any moment, under a host that
does not wait: the host is told each time, and no line is executed twice.

3 kills, or 100 with ATMQTT_FULL=1, or ATMQTT_KILLS.
"""
import collections
import concurrent.futures
import os
import random
import re
import time

import pytest

import bed
from broker import Subscriber
from hosts.firmware import BOOT

KILLS = int(os.environ.get("ATMQTT_KILLS")
            or (100 if os.environ.get("ATMQTT_FULL") else 3))
WINDOW = 8              # lines that the host has under way
RESTART_SECONDS = 1     # RestartSec of the unit
TOLD_SECONDS = 5 * (bed.SLOW if bed.EMULATED else 1)
LINE = re.compile(rb"\r\n([^\r]+)\r\n")
OPEN = b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r'


class Pipeliner:
    """Publishes numbers without waiting; counts what comes back."""

    def __init__(self, host, topic):
        self.host = host
        self.topic = topic.encode()
        self.number = 0
        self.under_way = 0
        self.told = None                # when the boot line came
        self.seen = collections.Counter()

    def send(self, line):
        self.host.write(line)
        self.under_way += 1

    def publish(self):
        while self.under_way < WINDOW:
            self.number += 1
            self.send(b'AT+MQTTPUB=1,"%s",1,0,"%d"\r'
                      % (self.topic, self.number))

    def listen(self, seconds=0.02):
        """Nothing but whole lines, all of them known."""
        self.host._wait(lambda: LINE.match(self.host.pending), seconds)
        while found := LINE.match(self.host.pending):
            self.host.pending = self.host.pending[found.end():]
            line = found[1]
            self.seen[line] += 1
            if line in (b"OK", b"ERROR"):
                self.under_way -= 1
                assert self.under_way >= 0, "an answer that nobody asked for"
            elif line == b"AT command ready":
                self.told = time.monotonic()
            else:
                assert re.match(rb"\+SIM READY|\+MQTT(PUB|OPEN): 1,[01]$",
                                line), line

    def until(self, done, what, seconds=20):
        end = time.monotonic() + seconds * bed.SLOW
        while not done():
            assert time.monotonic() < end, f"{what}: {self.seen}"
            self.listen()

    def open(self):
        """Behind the last answer to what was written before."""
        self.until(lambda: not self.under_way, "unanswered lines")
        opened = self.seen[b"+MQTTOPEN: 1,1"]
        self.send(OPEN)
        self.until(lambda: self.seen[b"+MQTTOPEN: 1,1"] > opened, "no link")

    def go_on_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.publish()
            self.listen()


def kill_and_start(daemon):
    """As systemd does; when it was gone."""
    daemon.end("KILL")
    gone = time.monotonic()
    time.sleep(RESTART_SECONDS)
    daemon.start(wait=False)
    return gone


@pytest.fixture
def as_shipped(guest, host):
    """The boot lines at their time, instead of at once, and the first over."""
    config = guest.daemon.config
    text = config.read_text()
    config.write_text(re.sub(r"\n\t*(boot|announce)_ms = \d+", "", text))
    guest.daemon.restart()
    host.expect(BOOT, timeout=10)
    yield guest.daemon
    config.write_text(text)
    guest.daemon.restart()


def killed_once(daemon, pipeliner, pool, moment):
    """How long it took until the host was told, once."""
    pipeliner.open()
    pipeliner.go_on_for(moment)
    told = pipeliner.seen[b"AT command ready"]
    killing = pool.submit(kill_and_start, daemon)
    while not killing.done():
        pipeliner.go_on_for(0.02)
    pipeliner.until(lambda: pipeliner.seen[b"+SIM READY"] > told, "not told")
    assert pipeliner.seen[b"AT command ready"] == told + 1
    return pipeliner.told - killing.result()


def numbers_at_the_broker(subscriber, pipeliner):
    """Up to the last, which it sends with nothing else under way."""
    pipeliner.open()
    pipeliner.number += 1
    pipeliner.send(b'AT+MQTTPUB=1,"%s",1,0,"%d"\r'
                   % (pipeliner.topic, pipeliner.number))
    numbers = []
    while pipeliner.number not in numbers:
        message = subscriber.message(20)
        assert message, f"{pipeliner.number} did not arrive"
        numbers.append(int(message[1]))
    pipeliner.until(lambda: not pipeliner.under_way, "unanswered lines")
    return numbers


def test_kills_at_any_moment(as_shipped, host, topic):
    subscriber = Subscriber(topic)
    pipeliner = Pipeliner(host, topic)
    moments = random.Random(1)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            told = [killed_once(as_shipped, pipeliner, pool,
                                moments.uniform(0, 0.5))
                    for _ in range(KILLS)]
        numbers = numbers_at_the_broker(subscriber, pipeliner)
    finally:
        subscriber.close()
    print(f"{KILLS} kills: told after {min(told):.1f} to {max(told):.1f} s; "
          f"{pipeliner.number} lines, {len(numbers)} published")
    assert 0 < min(told) and max(told) <= TOLD_SECONDS
    assert pipeliner.seen[b"AT command ready"] == KILLS
    twice = [n for n, count in collections.Counter(numbers).items()
             if count > 1]
    assert not twice, f"executed twice: {twice}"
    assert len(numbers) >= pipeliner.seen[b"+MQTTPUB: 1,1"]
