# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MQTT-SN over DTLS: socat in front of a gateway, good and bad certificates.

    test ── UART ══ atmqttd ── DTLS ── socat ── UDP ── gateway
"""
import subprocess

import pytest
import scapy.contrib.mqttsn as sn

import bed
from certs import SERVERS
from conftest import BUILD, GATEWAY, connect

DTLS = 2
PORTS = {name: 18850 + number for number, name in enumerate(SERVERS)}
MUTUAL = 18860


def front(port, name, options="verify=0"):
    certs = BUILD / "certs"
    return bed.popen(
        "socat", f"OPENSSL-DTLS-LISTEN:{port},reuseaddr,fork,"
        f"cert={certs / name}.pem,key={certs / name}.key,{options}",
        f"UDP4:127.0.0.1:{GATEWAY}", stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def fronts(guest):
    running = [front(port, name) for name, port in PORTS.items()]
    running.append(front(MUTUAL, "good",
                         f"verify=1,cafile={BUILD / 'certs' / 'ca.pem'}"))
    wait = "until [ $(ss -Hlun | grep -c ':188[56]') -ge %d ]; do sleep 0.1; done"
    bed.run("sh", "-c", wait % len(running))
    yield
    bed.signal("TERM", *bed.pids("socat"))
    for process in running:
        process.wait(20 * bed.SLOW)


def reason_of(host):
    host.write(b"AT+CEER\r")
    return host.match(rb'\r\n\+CEER: "([^"\r]+)"\r\n\r\nOK\r\n')[1].decode()


@pytest.mark.parametrize("where", ["localhost", "127.0.0.1"])
def test_good_server(fronts, host, gateway, where):
    connect(host, client=101, where=where, port=PORTS["good"], tls=DTLS)
    gateway.expect(sn.CONNECT, client_id=b"861234567890123101")
    for size in 1, 248, 249, 1024:
        payload = "s" * size
        host.command(f'AT+MQTTPUB=101,"ab",1,0,"{payload}"', "OK",
                     "+MQTTPUB: 101,1")
        gateway.expect(sn.PUBLISH, data=payload.encode())
    payload = b"r" * 1300               # a record, and so a datagram
    gateway.publish(12, payload, 2, tid_type=sn.TID_PREDEF)
    host.result(b'+MQTTMSG: 101,2,12,"' + payload + b'"')
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")
    gateway.expect(sn.PUBREC)
    gateway.expect(sn.PUBCOMP)
    gateway.expect(sn.DISCONNECT)


@pytest.mark.parametrize("name, reason", [
    ("stranger", ["authority", "trust", "issuer", "signer", " ca "]),
    ("other", ["name"]),
    ("expired", ["expired", "date"]),
])
def test_bad_server(fronts, host, gateway, name, reason):
    connect(host, client=101, where="localhost", port=PORTS[name], tls=DTLS,
            status=0)
    said = reason_of(host)
    assert any(word in said.lower() for word in reason), said
    assert said.endswith(f"(localhost:{PORTS[name]})")
    gateway.quiet()                     # nothing was said in the clear
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    connect(host, client=101, where="localhost", port=PORTS["good"], tls=DTLS)


def test_dtls_to_a_plain_gateway_and_the_other_way(fronts, host, gateway):
    for client, port, tls in (101, GATEWAY, 2), (102, PORTS["good"], 0):
        host.command(f'AT+MQTTOPEN={client},"127.0.0.1",{port},1,60,{tls}',
                     "OK")
    size = 2 * len("\r\n+MQTTOPEN: 101,0\r\n")
    assert sorted(host.collect(size, timeout=10).split()[1::2]) == [
        b"101,0", b"102,0"]
    assert reason_of(host)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")


def upload(host, kind, path):
    data = path.read_bytes()
    host.command(f'AT+GTSSLFILE="{kind}",{len(data)}', ">")
    host.write(data)
    host.result("OK")


@pytest.fixture
def kept(host):
    """The first port; what a test uploads ends."""
    yield host
    host.drain()
    host.write(b"AT+RESET\r")
    host.match(rb".*\+SIM READY\r\n")


def test_trust_by_command(fronts, kept, gateway):
    """GTSSLFILE and GTSSLMODE are for 101 and 102, too."""
    connect(kept, client=101, where="localhost", port=PORTS["stranger"],
            tls=DTLS, status=0)
    upload(kept, "TRUSTFILE", BUILD / "certs" / "ca2.pem")
    connect(kept, client=101, where="localhost", port=PORTS["stranger"],
            tls=DTLS)
    connect(kept, client=102, where="localhost", port=PORTS["good"], tls=DTLS,
            status=0)
    kept.command("AT+GTSSLMODE=0", "OK")
    connect(kept, client=102, where="localhost", port=PORTS["good"], tls=DTLS)


def test_certificate_of_the_client(fronts, kept, gateway):
    connect(kept, client=101, where="localhost", port=MUTUAL, tls=DTLS,
            status=0)
    upload(kept, "CERTFILE", BUILD / "certs" / "good.pem")
    upload(kept, "KEYFILE", BUILD / "certs" / "good.key")
    connect(kept, client=101, where="localhost", port=MUTUAL, tls=DTLS)
    kept.command('AT+MQTTPUB=101,"ab",1,0,"x"', "OK", "+MQTTPUB: 101,1")


def test_the_front_is_killed(fronts, host, gateway):
    """Plain UDP beside it goes on."""
    connect(host, client=102, port=GATEWAY)
    plain = gateway.peer
    dying = front(18861, "good")
    bed.run("sh", "-c",
            "until ss -Hlun | grep -q :18861; do sleep 0.1; done")
    connect(host, client=101, where="localhost", port=18861, tls=DTLS,
            keepalive=2)
    bed.signal("KILL", *bed.pids("socat", "OPENSSL-DTLS-LISTEN:18861"))
    dying.wait(20 * bed.SLOW)
    host.result("+MQTTBREAK: 101,1", timeout=10)
    host.command('AT+MQTTPUB=102,"ab",1,0,"x"', "OK", "+MQTTPUB: 102,1")
    assert gateway.clients[plain].received == [b"x"]
