# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""TLS: who is believed, and what AT+CEER says of the others."""
import pytest

from broker import Broker, Subscriber
from certs import SERVERS
from conftest import BUILD, connect

TLS = 2
PORTS = {name: 8900 + number for number, name in enumerate(SERVERS)}
PLAIN, ONLY_12, ONLY_13 = 8890, 8891, 8892


def listener(port, name, more=""):
    directory = BUILD / "certs"
    return (f"listener {port} 127.0.0.1\n"
            f"certfile {directory / name}.pem\n"
            f"keyfile {directory / name}.key\n{more}")


@pytest.fixture(scope="module")
def brokers(guest):
    limit = BUILD / "tls12.cnf"
    limit.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\n"
                     "system_default = c\n[c]\nMaxProtocol = TLSv1.2\n")
    config = f"listener {PLAIN} 127.0.0.1\n"
    config += "".join(listener(port, name) for name, port in PORTS.items())
    config += listener(ONLY_13, "good", "tls_version tlsv1.3\n")
    running = [Broker(BUILD, config, PLAIN),
               Broker(BUILD, listener(ONLY_12, "good"), ONLY_12,
                      env=[("OPENSSL_CONF", limit)])]
    yield
    for broker in running:
        broker.close()


def fails(host, reason, **where):
    connect(host, tls=TLS, status=0, **where)
    host.write(b"AT+CEER\r")
    said = host.match(rb'\r\n\+CEER: "([^"\r]+)"\r\n\r\nOK\r\n')[1].decode()
    assert any(word in said.lower() for word in reason), said
    assert said.endswith(f"({where['where']}:{where['port']})")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")


@pytest.mark.parametrize("where", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("port", [PORTS["good"], ONLY_12, ONLY_13],
                         ids=["any", "1.2", "1.3"])
def test_good_server(brokers, host, topic, where, port):
    connect(host, where=where, port=port, tls=TLS)
    host.command(f'AT+MQTTSUB=1,"{topic}",1', "OK", "+MQTTSUB: 1,1")
    payload = "s" * 1000
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"{payload}"', "OK")
    got = host.collect(len("\r\n+MQTTPUB: 1,1\r\n")
                       + len(f'\r\n+MQTTMSG: 1,1,"{topic}","{payload}"\r\n'))
    assert b"\r\n+MQTTPUB: 1,1\r\n" in got
    assert f'+MQTTMSG: 1,1,"{topic}","{payload}"'.encode() in got
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_the_beds_own_tls_listener_is_of_another_authority(brokers, host):
    fails(host, ["certificate", "authority", "trust", "issuer", " ca "],
          where="localhost", port=8883)


@pytest.mark.parametrize("name, reason", [
    ("stranger", ["authority", "trust", "issuer", "signer", " ca "]),
    ("other", ["name"]),
    ("expired", ["expired", "date"]),
])
def test_bad_server(brokers, host, name, reason):
    fails(host, reason, where="localhost", port=PORTS[name])
    connect(host, where="localhost", port=PORTS["good"], tls=TLS)


def test_another_name_of_the_good_server(brokers, host):
    """It resolves to the same address, but is not in the certificate."""
    fails(host, ["name"], where="other.test", port=PORTS["good"])


def test_tls_to_a_plain_port(brokers, host):
    fails(host, ["tls", "handshake", "closed", "reset"],
          where="localhost", port=PLAIN)


def test_plain_to_a_tls_port(brokers, host):
    connect(host, where="localhost", port=PORTS["good"], status=0)
    host.write(b"AT+CEER\r")
    host.match(rb'\r\n\+CEER: "[^"\r]+"\r\n\r\nOK\r\n')
    connect(host, where="localhost", port=PORTS["good"], tls=TLS)


def test_tls_beside_plain(brokers, host, topic):
    connect(host, where="localhost", port=PORTS["good"], tls=TLS)
    connect(host, client=2, where="localhost", port=PLAIN)
    listener_ = Subscriber(topic, port=PLAIN)
    for client in 1, 2:
        host.command(f'AT+MQTTPUB={client},"{topic}",2,0,"by {client}"', "OK",
                     f"+MQTTPUB: {client},1")
        listener_.expect(topic, f"by {client}".encode(), 2)
    listener_.close()


def test_many_handshakes(brokers, host):
    """No crash and no leak of what a failure leaves behind."""
    for _ in range(5):
        for name in "stranger", "other", "expired":
            connect(host, where="localhost", port=PORTS[name], tls=TLS,
                    status=0)
        connect(host, where="localhost", port=PORTS["good"], tls=TLS)
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
