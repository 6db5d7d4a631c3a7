# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Names, with a name server of the tests' own, and what may be reached.

    atmqttd ── /etc/resolv.conf ── 127.0.0.53 names.py
       └────── *.test = 127.0.0.1 ── mosquitto
"""
import pathlib
import subprocess
import time

import pytest

import bed
from conftest import configured, connect

SERVER, NOBODY = "127.0.0.53", "127.0.0.54"
NAMES = pathlib.Path(__file__).resolve().with_name("names.py")
CONF = "/run/test_names.conf"
BOARD = [("127.0.0.1", None), ("127.000.000.001", "127.0.0.1"),
         ("::1", "[::1]"), ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]"),
         ("0.0.0.0", None), ("localhost", None), ("rebound.test", None)]
URLS = [f"{scheme}/device/register" for scheme in
        ("http://127.0.0.1", "http://2130706433", "https://good.test")]
DYN = 'AT+MQTTAUTHDYN=2,"{}","PRODUCT001","pr0ductSecret4711","dn"'
OPEN_S = 4.9 * bed.SLOW


def name_server(address):
    """What resolv.conf says from now on."""
    bed.run("sh", "-ec", f"echo nameserver {address} >{CONF}")


@pytest.fixture(scope="module", autouse=True)
def server(guest):
    process = bed.popen("python3", "-S", NAMES, SERVER, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    name_server(SERVER)
    bed.run("mount", "--bind", CONF, "/etc/resolv.conf")
    yield
    bed.run("umount", "/etc/resolv.conf")
    process.kill()
    process.wait()


def fail(host, where, reason, client=1, told=None):
    connect(host, client, where, status=0)
    host.command("AT+CEER", f'+CEER: "{reason} ({told or where}:1883)"', "OK")


def test_names(host):
    connect(host, where="good.test")
    host.command('AT+MIPDNS="good.test"', "OK",
                 '+MIPDNS: "good.test",127.0.0.1')
    host.command('AT+MIPDNS="nowhere.invalid"', "OK",
                 '+MIPDNS: "nowhere.invalid",0.0.0.0')
    host.command("AT+CEER", '+CEER: "host not found (nowhere.invalid)"', "OK")
    fail(host, "nowhere.invalid", "host not found", client=2)


def test_dead_names_of_another_port(host, host2):
    """The other has its result long before a name server is given up."""
    for client in 1, 2:
        host.command(f'AT+MQTTOPEN={client},"dead{client}.test",1883,1,60',
                     "OK")
    begun = time.monotonic()
    connect(host2, where="good.test")
    took = time.monotonic() - begun
    print(f"open after {took:.3f} s")
    assert took < OPEN_S / 2
    for _ in 1, 2:
        host.match(rb"\r\n\+MQTTOPEN: [12],0\r\n", timeout=2 * OPEN_S)
    host.command("AT+CEER", '+CEER: "host not found: no answer '
                 '(dead2.test:1883)"', "OK")


def test_a_late_answer_serves_the_next_open(host):
    fail(host, "late.test", "host not found: no answer")
    time.sleep(2)       # LATE_S is over
    begun = time.monotonic()
    connect(host, where="late.test")
    assert time.monotonic() - begun < OPEN_S / 2


def test_another_name_server(host):
    """No restart: resolv.conf is looked at."""
    name_server(NOBODY)
    fail(host, "good.test", "host not found: the name servers failed")
    name_server(SERVER)
    connect(host, where="good.test")


def test_the_board_itself_is_not_reached(guest, host):
    with configured(guest, hosts="{ }"):
        host.reset()
        for where, told in BOARD:
            fail(host, where, "host not allowed", told=told)
        for url in URLS:
            host.command(DYN.format(url), "OK", "+MQTTAUTHDYN: 2,0")
            host.command("AT+CEER", '+CEER: "tencent: host not allowed"', "OK")
        host.command('AT+MQTTOPEN=101,"good.test",18830,1,60', "OK",
                     "+MQTTOPEN: 101,0")
        host.command("AT+CEER", '+CEER: "host not allowed (good.test:18830)"',
                     "OK")


def test_only_what_hosts_names_is_reached(guest, host, host2):
    with configured(guest, hosts='{ "*.test:8883", "127.0.0.1:1884" }'):
        host.reset()
        host2.reset()
        fail(host, "good.test", "host not allowed")
        fail(host, "dead.test", "host not allowed", client=2)
        connect(host2, where="good.test")
