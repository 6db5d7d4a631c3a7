# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The uplink's address, route and carrier are taken away and put back.

    atmqttd ── up0 10.77.0.1 ══ veth ══ up1 10.77.0.2 ── mosquitto
     (the guest)     default via .2        (namespace far)
"""
import re
import subprocess
import time

import pytest

import bed
from broker import Broker
from conftest import BUILD, connect

FAR = "10.77.0.2"
NEAR = "10.77.0.1"

LAY = f"""
ip netns add far
ip link add up0 type veth peer name up1 netns far
ip -n far link set lo up
ip -n far addr add {FAR}/24 dev up1
"""
# each line mends one thing and does nothing to what is whole
PLUG = f"""
ip -n far link set up1 up
ip link set up0 up
ip addr replace {NEAR}/24 dev up0
until ip -br link show up0 | grep -qw LOWER_UP; do sleep 0.05; done
ip route replace {FAR}/32 dev up0
ip route replace default via {FAR} dev up0
"""
REMOVE = "ip link del up0; ip netns del far"


def shell(script):
    bed.run("sh", "-ec", script)


class FarBroker(Broker):
    """A broker beyond the uplink; the port is its own namespace's."""

    def start(self):
        self.process = bed.popen("ip", "netns", "exec", "far", "mosquitto",
                                 "-c", self.config,
                                 stderr=subprocess.DEVNULL)
        shell("until ip netns exec far ss -Hltn | grep -q :1883; "
              "do sleep 0.05; done")


@pytest.fixture(scope="module")
def wire(guest):
    """The veth pair, the broker behind it, a daemon that knows of it."""
    shell(LAY + PLUG)
    broker = FarBroker(BUILD, f"listener 1883 {FAR}\n", 1883)
    config = guest.daemon.config
    before = config.read_text()
    config.write_text('uplink = "up0"\n' + before)
    guest.daemon.restart("TERM")
    yield
    broker.close()
    shell(REMOVE)
    config.write_text(before)
    guest.daemon.restart("TERM")    # one that never saw a default route


def plug(host):
    """Whole again, and the daemon has seen it."""
    shell(PLUG)
    end = time.monotonic() + 5 * bed.SLOW
    while True:
        host.write(b"AT+CSQ\r")
        signal = host.match(rb"\r\n\+CSQ: (\d+),99\r\n\r\nOK\r\n")[1]
        if signal == b"31":
            return
        assert time.monotonic() < end, "the uplink does not come back"
        time.sleep(0.05)


@pytest.fixture
def near(wire, host):
    """The first port, the wire whole before and after."""
    plug(host)
    yield host
    host.drain(0.2)
    plug(host)


def expect_failure(host, text):
    host.command("AT+CEER", f'+CEER: "{text}"', "OK")


LOSSES = [
    ("address", f"ip addr del {NEAR}/24 dev up0", 2, "has no address"),
    ("route", "ip route del default", 2, "has no route"),
    ("carrier", "ip -n far link set up1 down", 3, "has no carrier"),
    ("switched off", "ip link set up0 down", 3, "has no carrier"),
]


@pytest.mark.parametrize("what, take, cause, text", LOSSES,
                         ids=[row[0] for row in LOSSES])
def test_a_loss_breaks_once_and_open_works_again(near, what, take, cause,
                                                 text):
    connect(near, 1, FAR)
    connect(near, 2, FAR)
    shell(take)
    near.result(f"+MQTTBREAK: 1,{cause}")
    near.result(f"+MQTTBREAK: 2,{cause}")
    expect_failure(near, f"uplink {text} ({FAR}:1883)")
    near.quiet(1)
    near.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")

    near.command(f'AT+MQTTOPEN=1,"{FAR}",1883,1,60', "OK", "+MQTTOPEN: 1,0",
                 timeout=0.5)
    expect_failure(near, "30: no network service: uplink "
                   f"{text} ({FAR}:1883)")
    near.command("AT+CREG?", "+CREG: 0,2", "OK")
    near.command("AT+CGPADDR", '+CGPADDR: 1,"0.0.0.0"', "OK")
    near.command("AT+MIPCALL=1", "+CME ERROR: 30")

    plug(near)
    near.quiet(0.5)
    connect(near, 1, FAR)
    near.command(f'AT+MQTTPUB=1,"t",1,0,"{what}"', "OK", "+MQTTPUB: 1,1")


def test_each_port_has_its_own_break(near, host2):
    connect(near, 1, FAR)
    connect(host2, 2, FAR)
    shell("ip -n far link set up1 down")
    near.result("+MQTTBREAK: 1,3")
    host2.result("+MQTTBREAK: 2,3")
    near.quiet()
    host2.quiet()


def test_another_address_breaks_what_used_the_old(near):
    connect(near, 1, FAR)
    shell(f"ip addr add 10.77.0.9/24 dev up0; ip addr del {NEAR}/24 dev up0; "
          f"ip addr replace 10.77.0.9/24 dev up0; "
          f"ip route replace {FAR}/32 dev up0; "
          f"ip route replace default via {FAR} dev up0")
    near.result("+MQTTBREAK: 1,2")
    near.quiet()
    connect(near, 1, FAR)
    near.command("AT+CGPADDR=1", '+CGPADDR: 1,"10.77.0.9"', "OK")
    near.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    shell("ip addr del 10.77.0.9/24 dev up0")


def test_an_open_under_way_fails_with_the_carrier(near):
    near.command('AT+MQTTOPEN=1,"10.77.0.99",1883,1,60', "OK")
    shell("ip -n far link set up1 down")
    near.result("+MQTTOPEN: 1,0")
    expect_failure(near, "30: no network service: uplink has no carrier "
                   "(10.77.0.99:1883)")
    near.quiet(1)


def test_registration_is_reported(near):
    near.command("AT+CREG=1;+CEREG=1")
    shell("ip -n far link set up1 down")
    near.result("+CREG: 2")
    near.result("+CEREG: 2")
    near.command("AT+CEREG?", "+CEREG: 1,2", "OK")
    shell(PLUG)
    near.result("+CREG: 1")
    near.result("+CEREG: 1")
    near.command("AT+CREG=0;+CEREG=0")
    near.quiet()


def test_the_address_is_the_uplinks(near):
    near.command("AT+CGPADDR", f'+CGPADDR: 1,"{NEAR}"', "OK")
    near.command("AT+MIPCALL=1", "OK", f"+MIPCALL: {NEAR}")
    near.command("AT+MIPCALL?", f"+MIPCALL: 1,{NEAR}", "OK")
    near.command("AT+MIPCALL=0", "OK", "+MIPCALL: 0")
    near.command("AT+MIPCALL?", "+MIPCALL: 0", "OK")


def test_what_hosts_send_first(near):
    near.command("AT+CPIN?", "+CPIN: READY", "OK")
    near.command("AT+CGREG?", "+CGREG: 0,1", "OK")
    near.command("AT+CGATT?", "+CGATT: 1", "OK")
    near.command("AT+COPS?", '+COPS: 0,0,"atmqtt",7', "OK")
    near.command("AT+CGDCONT?", 
                 f'+CGDCONT: 1,"IP","internet","{NEAR}",0,0,0,0', "OK")
    near.command("AT+CGACT?", "+CGACT: 1,1", "OK")
    near.command("AT+COPS=3,2;+COPS?;+COPS=3,0",
                 '+COPS: 0,2,"00101",7', "OK")
    near.command("AT+GTSET=1;+GTRAT=10;+CSCLK=0;+CGEREP=1;+CTZR=1")
    near.write(b"AT+CCLK?\r")
    near.match(rb'\r\n\+CCLK: "\d\d/\d\d/\d\d,\d\d:\d\d:\d\d[+-]\d\d"\r\n'
               rb"\r\nOK\r\n")


def test_names_are_looked_up(near):
    near.command('AT+MIPDNS="broker.test"', "OK",
                 '+MIPDNS: "broker.test",127.0.0.1')
    near.command('AT+MIPDNS="nowhere.invalid"', "OK",
                 '+MIPDNS: "nowhere.invalid",0.0.0.0', timeout=30)
    near.write(b"AT+CEER\r")    # the guest has no name server
    near.match(rb'\r\n\+CEER: "host not found.* \(nowhere.invalid\)"\r\n'
               rb'\r\nOK\r\n')


def test_radio_off_and_on(near):
    connect(near, 1, FAR)
    near.command("AT+CFUN=4", "OK", "+MQTTBREAK: 1,3")
    near.command("AT+CSQ", "+CSQ: 99,99", "OK")
    near.command("AT+CFUN=1", "OK")
    connect(near, 1, FAR)


@pytest.mark.parametrize("command", ["AT+CFUN=15", "AT+RESET", "AT+CPWROFF"])
def test_a_restart_closes_everything(near, command):
    connect(near, 1, FAR)
    near.command('AT+MQTTUSER=2,"u","p"')
    near.command(command, "OK", "AT command ready", "+SIM READY")
    near.quiet()
    near.write(b"ATE0\r")       # echo is on again
    near.expect(b"ATE0\r\r\nOK\r\n")
    near.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    near.command("AT+MQTTUSER?", "OK")
    connect(near, 1, FAR)


def test_lost_notifications_leave_no_wrong_picture(guest, near):
    """More news than the daemon's socket holds come while it stands."""
    connect(near, 1, FAR)
    guest.daemon.signal("STOP")
    shell("""
        ip link add storm type dummy
        for i in $(seq 10); do
            for j in $(seq 100); do
                echo "addr add 10.88.$i.$j/32 dev storm"
            done
        done | ip -batch -
        ip link del storm
        awk '$2 == 0 && $9 > 0' /proc/net/netlink | grep -q .
        ip -n far link set up1 down""")
    guest.daemon.signal("CONT")
    near.result("+MQTTBREAK: 1,3", timeout=10)
    near.quiet()
    plug(near)
    connect(near, 1, FAR)


def test_a_line_of_control_characters_is_empty(near):
    near.write(b"AT\n\r")
    near.expect(b"\r\nOK\r\n")
