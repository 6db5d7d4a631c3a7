# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Firmware that was written for a module gets through its MQTT life."""
import importlib
import pkgutil

import pytest

import hosts
import idle
from broker import Subscriber
from hosts.firmware import Uart, World

KINDS = [m.name for m in pkgutil.iter_modules(hosts.__path__)
         if m.name != "firmware"]


@pytest.fixture
def uart(guest):
    if guest.daemon.process.poll() is not None:
        guest.daemon.start()
    uart = Uart(guest.ports[0])
    uart.power_on()
    yield uart
    uart.power_on()
    uart.close()


@pytest.mark.parametrize("kind", KINDS)
def test_host(uart, topic, kind):
    module = importlib.import_module(f"hosts.{kind}")
    subscriber = Subscriber(topic)
    try:
        with idle.ahead_of_others():
            module.replay(uart, World(topic, subscriber))
    finally:
        subscriber.close()
