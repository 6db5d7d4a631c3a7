# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MQTT-SN by mqttsngw, a gateway that others wrote, and the bed's broker.

    test ── UART ══ atmqttd ── UDP ── mqttsngw ── TCP ── mosquitto
"""

import pytest

from broker import Subscriber, publish, publish_lines
from conftest import configured, connect, subscribe
from gateway import Mqttsngw

GATEWAY, OWN_GATEWAY = 18840, 18841
KEEPALIVE = 3           # seconds, where a test waits for it


@pytest.fixture(scope="module")
def mqttsngw(guest):
    """A busy machine shall not have a PUBLISH repeated: it comes twice."""
    with configured(guest, sn_retry_ms=5000):
        gateway = Mqttsngw(GATEWAY)
        yield gateway
        gateway.close()


@pytest.fixture
def own_gateway(mqttsngw, own_broker):
    """One that a test may kill, in front of a broker that it may kill."""
    gateway = Mqttsngw(OWN_GATEWAY, own_broker.port)
    yield gateway
    gateway.close()


@pytest.fixture
def sn_host(host, mqttsngw):
    connect(host, client=101, port=GATEWAY)
    return host


@pytest.mark.parametrize("qos, retain", [(0, 0), (1, 0), (1, 1)])
def test_publish(sn_host, subscriber, topic, qos, retain):
    for payload in "hello", "again":
        sn_host.command(f'AT+MQTTPUB=101,"{topic}",{qos},{retain},'
                        f'"{payload}"', "OK", "+MQTTPUB: 101,1")
        subscriber.expect(topic, payload.encode(), qos)
    late = Subscriber(topic)
    if retain:
        late.expect(topic, b"again", qos, retained=True)
        publish(topic, b"", retain=True)
    else:
        late.none()
    late.close()


def test_open_right_behind_close(sn_host, topic):
    for number in range(20):
        sn_host.write(b'AT+MQTTCLOSE=101\rAT+MQTTOPEN=101,"127.0.0.1",%d,1,60'
                      b'\rAT+MQTTPUB=101,"%s",1,0,"%d"\r'
                      % (GATEWAY, topic.encode(), number))
        sn_host.match(rb"(\r\nOK\r\n)+\r\n\+MQTTCLOSE: 101,1\r\n(\r\nOK\r\n)*"
                      rb"\r\n\+MQTTOPEN: 101,1\r\n\r\n\+MQTTPUB: 101,1\r\n")
    sn_host.quiet()


def test_publish_data(sn_host, subscriber, topic):
    for size in 1, 247, 248, 249, 255, 256, 1024:
        payload = bytes(number * 7 % 256 for number in range(size))
        sn_host.command(f'AT+MQTTPUB=101,"{topic}",1,0,{size}', ">")
        sn_host.write(payload)
        sn_host.result("OK")
        sn_host.result("+MQTTPUB: 101,1")
        subscriber.expect(topic, payload, 1)


def test_publish_to_a_short_topic(sn_host):
    subscriber = Subscriber("zz")
    sn_host.command('AT+MQTTPUB=101,"zz",1,0,"x"', "OK", "+MQTTPUB: 101,1")
    subscriber.expect("zz", b"x", 1)
    subscriber.close()


def test_what_this_gateway_cannot(sn_host):
    """QoS 2, predefined ids, and a will: each is refused at once."""
    sn_host.command('AT+MQTTPUB=101,"zz",2,0,"x"', "OK", "+MQTTPUB: 101,0")
    sn_host.command("AT+MQTTPUB=101,5000,1,0,x", "OK", "+MQTTPUB: 101,0")
    sn_host.command("AT+MQTTSUB=101,5000,1", "OK", "+MQTTSUB: 101,0")
    sn_host.command('AT+MQTTPUB=101,"zz",1,0,"x"', "OK", "+MQTTPUB: 101,1")


def test_register(sn_host, subscriber, topic):
    sn_host.write(f'AT+MQTTSNREG=101,"{topic}"\r'.encode())
    sn_host.result("OK")
    number = sn_host.match(rb'\r\n\+MQTTSNREG: 101,1,(\d+),"'
                           + topic.encode() + rb'"\r\n')[1].decode()
    sn_host.command("AT+MQTTSNREG?", f'+MQTTSNREG: 101,{number},"{topic}"',
                    "OK")
    sn_host.command(f'AT+MQTTPUB=101,{number},1,0,"by id"', "OK",
                    "+MQTTPUB: 101,1")
    subscriber.expect(topic, b"by id", 1)


@pytest.mark.parametrize("qos", [0, 1])
def test_receive(sn_host, topic, qos):
    subscribe(sn_host, topic, 1, client=101)
    for payload in b'say "hi"', b"again", b"y" * 1500:
        publish(topic, payload, qos)
        sn_host.result(f'+MQTTMSG: 101,{qos},"{topic}","'.encode() + payload
                       + b'"')
    sn_host.command(f'AT+MQTTUNSUB=101,"{topic}"', "OK", "+MQTTUNSUB: 101,1")
    publish(topic, b"unheard", 1)
    sn_host.quiet()


def test_receive_by_a_wildcard(sn_host, topic):
    """The gateway gives each topic that matches an id."""
    subscribe(sn_host, f"{topic}/#", 1, client=101)
    for name in "one", "two", "one":
        publish(f"{topic}/{name}", name.encode(), 1)
    for name in "one", "two", "one":
        found = sn_host.match(rb'(\r\n\+MQTTSNREG: 101,2,\d+,"([^"]*)"\r\n)?'
                              rb'\r\n\+MQTTMSG: 101,1,"([^"]*)","(\w+)"\r\n')
        assert found[3].decode() == f"{topic}/{name}"
        assert found[4].decode() == name
        assert found[2] is None or found[2] == found[3]


def test_receive_a_short_topic(sn_host):
    subscribe(sn_host, "zz", 1, client=101)
    publish("zz", b"x", 1)
    sn_host.result('+MQTTMSG: 101,1,"zz","x"')


def test_messages_keep_their_order(sn_host, topic):
    subscribe(sn_host, topic, 1, client=101)
    publish_lines(topic, [f"n{number}" for number in range(50)], 1)
    for number in range(50):
        sn_host.result(f'+MQTTMSG: 101,1,"{topic}","n{number}"')


def test_read(sn_host, topic):
    sn_host.command("AT+MQTTCONF=1", "OK")
    subscribe(sn_host, topic, 1, client=101)
    publish(topic, b"waits", 1)
    sn_host.result(f"+MQTTMSGI: 101,1,{len(topic)},5")
    sn_host.command("AT+MQTTREAD=101",
                    f'+MQTTREAD: 101,1,{len(topic)},5,"{topic}","waits"',
                    "OK")


CLIENTS = 1, 2, 101, 102
PAIRS = [(source, target) for source in CLIENTS for target in CLIENTS]
ROUNDS = 5


def test_all_four_clients_at_once(sn_host, topic):
    """Each publishes to all, without waiting; nothing is mixed up."""
    host = sn_host
    for client in 1, 2:
        connect(host, client=client)
    connect(host, client=102, port=GATEWAY)
    host.command("AT+MQTTOPEN?", "+MQTTOPEN: 0", "OK")
    for client in CLIENTS:
        subscribe(host, f"{topic}/{client}", 1, client=client)
    for number in range(ROUNDS):
        for source, target in PAIRS:
            host.write(f'AT+MQTTPUB={source},"{topic}/{target}",1,0,'
                       f'"{source} {number}"\r'.encode())
        lines = [host.match(rb"\r\n([^\r]*)\r\n", timeout=10)[1].decode()
                 for _ in range(3 * len(PAIRS))]
        assert sorted(lines) == sorted(
            ["OK"] * len(PAIRS)
            + [f"+MQTTPUB: {source},1" for source, _ in PAIRS]
            + [f'+MQTTMSG: {target},1,"{topic}/{target}","{source} {number}"'
               for source, target in PAIRS])
    host.quiet()


def test_broker_and_gateway_are_killed(host, monitor, own_gateway, own_broker):
    """The gateway's BREAK comes within the keepalive time and a half."""
    connect(host, client=101, port=OWN_GATEWAY)
    own_broker.stop()                   # the gateway disconnects, then
    host.result("+MQTTBREAK: 101,1")
    own_broker.start()
    connect(host, client=102, port=OWN_GATEWAY, keepalive=300)
    connect(host)
    connect(host, client=101, port=OWN_GATEWAY, keepalive=KEEPALIVE)
    watch = monitor("--json", mode='"mode":"command"')
    own_gateway.kill()
    host.command("AT", "OK")
    begun, _ = watch.output()           # by n_at's time
    host.result("+MQTTBREAK: 101,1", timeout=2 * KEEPALIVE)
    told, _ = watch.output()
    assert told - begun < KEEPALIVE * 1.5 + 1
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1,102", "OK")
    host.quiet()
