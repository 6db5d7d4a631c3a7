# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MQTT-SN: each command in bytes on the UART, and what the gateway saw."""
import subprocess
import time

import pytest
import scapy.contrib.mqttsn as sn

import bed
from conftest import GATEWAY, connect, subscribe
from gateway import encode

IMEI = b"861234567890123"
CME_3, CME_50 = "+CME ERROR: 3", "+CME ERROR: 50"


def open_sn(host, gateway, client=101, **arguments):
    connect(host, client=client, port=GATEWAY, **arguments)
    gateway.drain()


@pytest.fixture
def sn_host(host, gateway):
    """The first port with client 101 open to the gateway."""
    open_sn(host, gateway)
    return host


@pytest.fixture
def kept(host):
    """The first port; what a test sets by MQTTSNCID and MQTTWILL ends."""
    yield host
    host.drain()
    host.write(b"AT+RESET\r")
    host.match(rb".*\+SIM READY\r\n")


# ---- OPEN, CLOSE ----

def test_test_forms(host):
    for name, answer in [
            ("MQTTSNCID", "(101,102),1024"), ("MQTTSNREG", "(101,102),255"),
            ("MQTTWTOPICUD", "(101,102),(0-2),(0,1),255"),
            ("MQTTWMSGUD", "(101,102),1024")]:
        host.command(f"AT+{name}=?", f"+{name}: {answer}", "OK")


def test_another_model_has_none_of_it(host2):
    for line in ["+MQTTSNCID=?", "+MQTTSNREG?", '+MQTTWMSGUD=101,"x"',
                 '+MQTTWTOPICUD=101,0,0,"t"']:
        host2.command("AT" + line, "ERROR")
    host2.command(f'AT+MQTTOPEN=101,"127.0.0.1",{GATEWAY},1,60', CME_50)


def test_open_and_close(host, gateway):
    host.command("AT+MQTTOPEN?", "+MQTTOPEN: 1,2,101,102", "OK")
    connect(host, client=101, port=GATEWAY, keepalive=300)
    gateway.expect_bytes(b"\x18\x04\x04\x01\x01\x2c" + IMEI + b"101")
    host.command("AT+MQTTOPEN?", "+MQTTOPEN: 1,2,102", "OK")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 101", "OK")
    host.command(f'AT+MQTTOPEN=101,"127.0.0.1",{GATEWAY},1,60', CME_3)
    connect(host, client=102, port=GATEWAY)
    gateway.expect(sn.CONNECT, client_id=IMEI + b"102", cleansess=1, will=0)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 101,102", "OK")
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")
    gateway.expect_bytes(b"\x02\x18")
    host.command("AT+MQTTCLOSE=101", "ERROR")
    host.command("AT+MQTTCLOSE=102", "OK", "+MQTTCLOSE: 102,1")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    host.quiet(0.2)


def test_client_id(kept, gateway):
    host = kept
    host.command("AT+MQTTSNCID?", "OK")
    host.command('AT+MQTTSNCID=102,"two"', "OK")
    host.command('AT+MQTTSNCID=101,"5sTCkZackL3UI578mmUzME"', "OK")
    host.command("AT+MQTTSNCID?",
                 '+MQTTSNCID: 101,"5sTCkZackL3UI578mmUzME"',
                 '+MQTTSNCID: 102,"two"', "OK")
    host.command('AT+MQTTSNCID=1,"one"', "ERROR")
    connect(host, client=101, port=GATEWAY)
    gateway.expect(sn.CONNECT, client_id=b"5sTCkZackL3UI578mmUzME")
    host.command(f'AT+MQTTSNCID=102,"{"c" * 1024}"', "OK")
    connect(host, client=102, port=GATEWAY)
    gateway.expect(sn.CONNECT, client_id=b"c" * 1024)


@pytest.mark.parametrize("code, word", [(sn.REJ_CONJ, b"congest"),
                                        (sn.REJ_NOTSUP, b"support")])
def test_open_refused(host, gateway, code, word):
    gateway.answers[sn.CONNECT] = lambda client, body: gateway.send(
        sn.CONNACK, return_code=code)
    connect(host, client=101, port=GATEWAY, status=0)
    host.write(b"AT+CEER\r")
    host.match(rb'\r\n\+CEER: "[^"\r]*' + word + rb'[^"\r]*"\r\n\r\nOK\r\n')


def test_open_unanswered(host, gateway):
    """CONNECT comes twice; where nobody is, ICMP says so."""
    gateway.answers[sn.CONNECT] = None
    host.command(f'AT+MQTTOPEN=101,"127.0.0.1",{GATEWAY},1,60', "OK")
    connect(host, client=102, port=9, status=0)
    host.write(b"AT+CEER\r")
    host.match(rb'\r\n\+CEER: "[^"\r]+\(127\.0\.0\.1:9\)"\r\n\r\nOK\r\n')
    gateway.expect(sn.CONNECT)
    gateway.expect(sn.CONNECT)
    host.result("+MQTTOPEN: 101,0", timeout=10)
    gateway.quiet(0.1)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")


# ---- REGISTER ----

def test_register(sn_host, gateway):
    gateway.next_id = 128               # sign-extended by others
    sn_host.command('AT+MQTTSNREG=101,"a/b"', "OK",
                    '+MQTTSNREG: 101,1,128,"a/b"')
    got = gateway.expect(sn.REGISTER, tid=0, topic_name=b"a/b")
    assert got.mid
    gateway.next_id = 65534
    sn_host.command("AT+MQTTSNREG=101,1", "OK",
                    '+MQTTSNREG: 101,1,65534,"1"')
    gateway.expect(sn.REGISTER, topic_name=b"1")
    sn_host.command("AT+MQTTSNREG?", '+MQTTSNREG: 101,128,"a/b"',
                    '+MQTTSNREG: 101,65534,"1"', "OK")


def test_five_registrations_are_shown(sn_host, gateway):
    for number in range(1, 8):
        sn_host.command(f'AT+MQTTSNREG=101,"t/{number}"', "OK",
                        f'+MQTTSNREG: 101,1,{number},"t/{number}"')
    sn_host.command("AT+MQTTSNREG?",
                    *[f'+MQTTSNREG: 101,{n},"t/{n}"' for n in range(3, 8)],
                    "OK")


def test_register_refused(sn_host, gateway):
    gateway.answers[sn.REGISTER] = lambda client, body: gateway.send(
        sn.REGACK, mid=body.mid, return_code=sn.REJ_NOTSUP)
    sn_host.command('AT+MQTTSNREG=101,"a/b"', "OK", "+MQTTSNREG: 101,0")


def test_the_gateway_registers(sn_host, gateway):
    gateway.send(sn.REGISTER, tid=300, mid=7, topic_name=b"from/gw")
    sn_host.result('+MQTTSNREG: 101,2,300,"from/gw"')
    gateway.expect_bytes(b"\x07\x0b\x01\x2c\x00\x07\x00")
    gateway.publish(300, b"x")
    sn_host.result('+MQTTMSG: 101,0,"from/gw","x"')
    sn_host.command("AT+MQTTSNREG?", '+MQTTSNREG: 101,300,"from/gw"', "OK")


# ---- SUBSCRIBE, UNSUBSCRIBE ----

@pytest.mark.parametrize("topic, fields", [
    ('"a/b"', dict(tid_type=0, topic_name=b"a/b")),
    ('"a/+/#"', dict(tid_type=0, topic_name=b"a/+/#")),
    ('"ab"', dict(tid_type=2, short_topic=b"ab")),
    ("ab", dict(tid_type=2, short_topic=b"ab")),
    ("12", dict(tid_type=1, tid=12)),
    ('"12"', dict(tid_type=2, short_topic=b"12")),
    ("65534", dict(tid_type=1, tid=65534)),
], ids=str)
def test_subscribe(sn_host, gateway, topic, fields):
    gateway.predefined = {12: b"x", 65534: b"y"}
    for qos in 0, 1, 2:
        sn_host.command(f"AT+MQTTSUB=101,{topic},{qos}", "OK",
                        "+MQTTSUB: 101,1")
        gateway.expect(sn.SUBSCRIBE, qos=qos, dup=0, **fields)
    sn_host.command(f"AT+MQTTUNSUB=101,{topic}", "OK", "+MQTTUNSUB: 101,1")
    gateway.expect(sn.UNSUBSCRIBE, **fields)


def test_subscribe_bytes(sn_host, gateway):
    sn_host.command('AT+MQTTSUB=101,"a/b",1', "OK", "+MQTTSUB: 101,1")
    message, datagram = gateway.inbox.get(timeout=20)
    assert datagram == (b"\x08\x12\x20" + message.payload.mid.to_bytes(2, "big")
                        + b"a/b")


def test_subscribe_by_a_registered_id_goes_by_its_name(sn_host, gateway):
    sn_host.command('AT+MQTTSNREG=101,"a/b"', "OK",
                    '+MQTTSNREG: 101,1,1,"a/b"')
    gateway.expect(sn.REGISTER)
    sn_host.command("AT+MQTTSUB=101,1,1", "OK", "+MQTTSUB: 101,1")
    gateway.expect(sn.SUBSCRIBE, tid_type=0, topic_name=b"a/b")


def test_subscribe_refused(sn_host, gateway):
    sn_host.command("AT+MQTTSUB=101,12,1", "OK", "+MQTTSUB: 101,0")
    sn_host.command("AT+MQTTSUB=101,65535,1", "ERROR")
    sn_host.command("AT+MQTTSUB=101,0,1", "ERROR")


def test_suback_with_stray_flags(sn_host, gateway):
    """And it says QoS 0 whatever was asked for; one octet too many."""
    gateway.answers[sn.SUBSCRIBE] = lambda client, body: gateway.put(
        gateway.peer, b"\x09" + encode(sn.SUBACK, dup=1, retain=1, will=1,
                                       mid=body.mid)[1:] + b"\xff")
    sn_host.command('AT+MQTTSUB=101,"#",2', "OK", "+MQTTSUB: 101,1")


def test_a_message_overtakes_its_suback(sn_host, gateway):
    def answer(client, body):
        gateway.send(sn.PUBLISH, tid=77, qos=1, mid=3, data=b"early")
        gateway.send(sn.SUBACK, tid=77, mid=body.mid)
    gateway.answers[sn.SUBSCRIBE] = answer
    sn_host.command('AT+MQTTSUB=101,"a/b",1', "OK", "+MQTTSUB: 101,1",
                    '+MQTTMSG: 101,1,"a/b","early"')
    gateway.expect(sn.SUBSCRIBE)
    gateway.expect(sn.PUBACK, mid=3, tid=77, return_code=0)


# ---- PUBLISH ----

@pytest.mark.parametrize("topic, tid_type, tid", [
    ('"a/b"', 0, 128), ('"ab"', 2, 0x6162), ("12", 1, 12), ("128", 0, 128)])
def test_publish(sn_host, gateway, topic, tid_type, tid):
    gateway.next_id = 128
    gateway.predefined = {12: b"x"}
    if tid == 128:
        sn_host.command('AT+MQTTSNREG=101,"a/b"', "OK",
                        '+MQTTSNREG: 101,1,128,"a/b"')
        gateway.drain()
    for qos, retain in (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1):
        sn_host.command(f'AT+MQTTPUB=101,{topic},{qos},{retain},"hello"',
                        "OK", "+MQTTPUB: 101,1")
        got = gateway.expect(sn.PUBLISH, qos=qos, retain=retain, dup=0,
                             tid=tid, tid_type=tid_type, data=b"hello")
        assert bool(got.mid) == bool(qos)
        if qos == 2:
            gateway.expect(sn.PUBREL, mid=got.mid)
    gateway.quiet(0.1)
    gateway.got([b"hello"] * 6)


def test_publish_bytes(sn_host, gateway):
    """Length in one octet up to 255, in three from there on."""
    sn_host.command('AT+MQTTPUB=101,"ab",0,0,"hi"', "OK", "+MQTTPUB: 101,1")
    gateway.expect_bytes(b"\x09\x0c\x02ab\x00\x00hi")
    for size in 248, 249:
        payload = "x" * size
        sn_host.command(f'AT+MQTTPUB=101,"ab",0,1,"{payload}"', "OK",
                        "+MQTTPUB: 101,1")
        head = b"\xff" if size == 248 else b"\x01\x01\x02"
        gateway.expect_bytes(head + b"\x0c\x12ab\x00\x00" + payload.encode())


def test_publish_to_a_name_registers_it_once(sn_host, gateway):
    for number in range(2):
        sn_host.command(f'AT+MQTTPUB=101,"a/b",1,0,"{number}"', "OK",
                        "+MQTTPUB: 101,1")
    gateway.expect(sn.REGISTER, topic_name=b"a/b")
    gateway.expect(sn.PUBLISH, tid=1, data=b"0")
    gateway.expect(sn.PUBLISH, tid=1, data=b"1")


def test_publish_data(sn_host, gateway):
    payloads = [bytes(number * 7 % 256 for number in range(size))
                for size in (1, 1024) for _ in range(3)]
    for number, payload in enumerate(payloads):
        sn_host.command(f'AT+MQTTPUB=101,"ab",{number % 3},0,{len(payload)}',
                        ">")
        sn_host.write(payload)
        sn_host.result("OK")
        sn_host.result("+MQTTPUB: 101,1")
    gateway.got(payloads)


REFUSED = [
    'AT+MQTTPUB=102,"t",0,0,"x"', "AT+MQTTPUB=102,5,0,0,5",
    "AT+MQTTSUB=102,5,0", 'AT+MQTTUNSUB=102,"t"', "AT+MQTTCLOSE=102",
    'AT+MQTTSNREG=102,"t"', 'AT+MQTTWTOPICUD=102,0,0,"t"',
    'AT+MQTTWMSGUD=102,"m"', 'AT+MQTTPUB=101,"a/#",0,0,"x"',
    "AT+MQTTPUB=101,65535,0,0,x"]


def test_refused_at_once(sn_host, gateway):
    for line in REFUSED:
        sn_host.command(line, "ERROR")
    sn_host.quiet(0.1)
    gateway.quiet(0.1)


def test_unanswered(sn_host, gateway):
    """Three times with one message id, DUP only on PUBLISH; then it failed."""
    kinds = sn.REGISTER, sn.PUBLISH, sn.SUBSCRIBE
    for kind in kinds + (sn.WILLMSGUPD,):
        gateway.answers[kind] = None
    sn_host.command('AT+MQTTSNREG=101,"a/b"', "OK")
    sn_host.command('AT+MQTTSUB=101,"ab",1', "OK")
    sn_host.command('AT+MQTTPUB=101,"ab",1,0,"x"', "OK")
    sn_host.command('AT+MQTTWMSGUD=101,"m"', "OK")
    size = len("\r\n+MQTTSNREG: 101,0\r\n\r\n+MQTTSUB: 101,0\r\n"
               "\r\n+MQTTPUB: 101,0\r\n\r\n+MQTTWMSGUD: 101,0\r\n")
    got = sn_host.collect(size)
    assert got.count(b"101,0") == 4
    seen = gateway.drain()
    for kind in kinds:
        bodies = [message.payload for message in seen if message.type == kind]
        assert len(bodies) in (2, 3)    # on a busy machine the last is late
        assert len({body.mid for body in bodies}) == 1
    dups = [m.payload.dup for m in seen if m.type == sn.PUBLISH]
    assert dups in ([0, 1], [0, 1, 1])
    late = next(m.payload for m in seen if m.type == sn.PUBLISH)
    gateway.send(sn.PUBACK, tid=late.tid, mid=late.mid)
    sn_host.quiet(0.3)
    gateway.answers[sn.PUBLISH] = gateway.on_publish
    sn_host.command('AT+MQTTPUB=101,"ab",1,0,"y"', "OK", "+MQTTPUB: 101,1")


def test_puback_with_a_swapped_topic_id(sn_host, gateway):
    gateway.answers[sn.PUBLISH] = lambda client, body: gateway.send(
        sn.PUBACK, tid=0x6261, mid=body.mid)
    sn_host.command('AT+MQTTPUB=101,"ab",1,0,"x"', "OK", "+MQTTPUB: 101,1")


def test_the_gateway_forgets_an_id(sn_host, gateway):
    """PUBACK 2: the name is registered again, once."""
    sn_host.command('AT+MQTTPUB=101,"a/b",1,0,"x"', "OK", "+MQTTPUB: 101,1")
    gateway.ids.clear()
    gateway.next_id = 200
    gateway.drain()
    sn_host.command('AT+MQTTPUB=101,"a/b",1,0,"y"', "OK", "+MQTTPUB: 101,1")
    gateway.expect(sn.PUBLISH, tid=1)
    gateway.expect(sn.REGISTER, topic_name=b"a/b")
    gateway.expect(sn.PUBLISH, tid=200, data=b"y")
    gateway.got([b"x", b"y"])


def test_the_gateway_does_not_want_it(sn_host, gateway):
    gateway.answers[sn.PUBLISH] = lambda client, body: gateway.send(
        sn.PUBACK, tid=body.tid, mid=body.mid, return_code=sn.REJ_TID)
    sn_host.command('AT+MQTTPUB=101,"a/b",1,0,"x"', "OK", "+MQTTPUB: 101,0")
    sn_host.command("AT+MQTTPUB=101,12,1,0,x", "OK", "+MQTTPUB: 101,0")


def test_a_host_that_does_not_wait(sn_host, gateway):
    """One PUBLISH is outstanding; the others wait, in order."""
    for number in range(10):
        sn_host.write(b'AT+MQTTPUB=101,"ab",%d,0,"n%d"\r'
                      % (1 + number % 2, number))
    got = sn_host.collect(10 * len("\r\nOK\r\n\r\n+MQTTPUB: 101,1\r\n"))
    assert got.count(b"+MQTTPUB: 101,1") == 10
    gateway.got([b"n%d" % n for n in range(10)])


# ---- messages ----

def test_receive(sn_host, gateway):
    gateway.next_id = 128
    subscribe(sn_host, "a/b", 2, client=101)
    for qos in 0, 1, 2:
        gateway.publish(128, b'say "hi"', qos)
        sn_host.result(f'+MQTTMSG: 101,{qos},"a/b","say "hi""')
        gateway.publish(12, b"by id", qos, tid_type=sn.TID_PREDEF)
        sn_host.result(f'+MQTTMSG: 101,{qos},12,"by id"')
        gateway.publish(0x6162, b"short", qos, tid_type=sn.TID_SHORT)
        sn_host.result(f'+MQTTMSG: 101,{qos},"ab","short"')
        gateway.publish(128, b"", qos)
        sn_host.result(f'+MQTTMSG: 101,{qos},"a/b",""')


def test_receive_1500_bytes(sn_host, gateway):
    payload = (bytes(range(256)) * 6)[:1500]
    for qos in 0, 1, 2:
        gateway.publish(12, payload, qos, tid_type=sn.TID_PREDEF)
        sn_host.result(f'+MQTTMSG: 101,{qos},12,"'.encode() + payload + b'"')
        gateway.publish(12, b"z" * 1501, qos, tid_type=sn.TID_PREDEF)
        gateway.publish(12, b"next", qos, tid_type=sn.TID_PREDEF)
        sn_host.result(f'+MQTTMSG: 101,{qos},12,"next"')


def test_receive_255_and_256_bytes(sn_host, gateway):
    for size in 247, 248, 249, 250:
        gateway.publish(12, b"x" * size, 1, tid_type=sn.TID_PREDEF)
        sn_host.result(f'+MQTTMSG: 101,1,12,"{"x" * size}"')


def test_the_long_length_of_a_short_message(sn_host, gateway):
    short = encode(sn.PUBLISH, tid=12, tid_type=1, data=b"x")
    gateway.put(gateway.peer, b"\x01" + (len(short) + 2).to_bytes(2, "big")
                + short[1:])
    sn_host.result('+MQTTMSG: 101,0,12,"x"')


def test_receive_an_unknown_id(sn_host, gateway):
    gateway.send(sn.PUBLISH, tid=999, qos=1, mid=5, data=b"x")
    gateway.expect(sn.PUBACK, tid=999, mid=5, return_code=sn.REJ_TID)
    sn_host.quiet(0.2)


def test_qos_2_is_delivered_once(sn_host, gateway):
    for _ in range(3):
        gateway.send(sn.PUBLISH, tid=0x6162, tid_type=2, qos=2, mid=9,
                     data=b"once")
    sn_host.result('+MQTTMSG: 101,2,"ab","once"')
    for _ in range(3):
        gateway.expect(sn.PUBREC, mid=9)
    for _ in range(2):                  # a repeated PUBREL is answered
        gateway.send(sn.PUBREL, mid=9)
        gateway.expect(sn.PUBCOMP, mid=9)
    sn_host.quiet(0.2)


def test_read(sn_host, gateway):
    sn_host.command("AT+MQTTCONF=1", "OK")
    subscribe(sn_host, "a/b", 2, client=101)
    sn_host.command("AT+MQTTREAD=101", "+MQTTREAD: 101,0,0,0", "OK")
    gateway.publish(1, b"first", 1)
    sn_host.result("+MQTTMSGI: 101,1,3,5")
    gateway.publish(300, b"second", 2, tid_type=sn.TID_PREDEF)
    sn_host.result("+MQTTMSGI: 101,2,300,6")
    sn_host.command("AT+MQTTREAD=101",
                    '+MQTTREAD: 101,1,3,5,"a/b","first"', "OK")
    sn_host.command("AT+MQTTREAD=101",
                    '+MQTTREAD: 101,2,3,6,300,"second"', "OK")
    sn_host.command("AT+MQTTREAD=101", "+MQTTREAD: 101,0,0,0", "OK")
    sn_host.command("AT+MQTTREAD=102", "+MQTTREAD: 102,0,0,0", "OK")


# ---- the will ----

def test_will(kept, gateway):
    host = kept
    host.command('AT+MQTTWILL=101,"w/t",2,1,"gone"', "OK")
    connect(host, client=101, port=GATEWAY)
    gateway.expect(sn.CONNECT, will=1)
    gateway.expect_bytes(b"\x06\x07\x50w/t")
    gateway.expect_bytes(b"\x06\x09gone")
    host.command('AT+MQTTWTOPICUD=101,1,0,"new/t"', "OK",
                 "+MQTTWTOPICUD: 101,1")
    gateway.expect_bytes(b"\x08\x1a\x20new/t")
    host.command('AT+MQTTWMSGUD=101,"say "bye""', "OK", "+MQTTWMSGUD: 101,1")
    gateway.expect_bytes(b"\x0b\x1csay \"bye\"")
    assert gateway.client.will == dict(topic=b"new/t", qos=1, retain=0,
                                       message=b'say "bye"')


def test_will_is_asked_for_again(kept, gateway):
    """The answer to the first question was lost."""
    host = kept
    topics = []

    def on_topic(client, body):
        topics.append(body.will_topic)
        gateway.send(sn.WILLMSGREQ if len(topics) > 1 else sn.WILLTOPICREQ)
    gateway.answers[sn.WILLTOPIC] = on_topic
    host.command('AT+MQTTWILL=101,"w/t",0,0,"gone"', "OK")
    connect(host, client=101, port=GATEWAY)
    assert topics == [b"w/t", b"w/t"]


def test_will_update_refused(sn_host, gateway):
    gateway.answers[sn.WILLTOPICUPD] = lambda client, body: gateway.send(
        sn.WILLTOPICRESP, return_code=sn.REJ_NOTSUP)
    sn_host.command('AT+MQTTWTOPICUD=101,1,0,"t"', "OK",
                    "+MQTTWTOPICUD: 101,0")


# ---- the session ----

def test_clean_session_0_keeps_the_ids(host, gateway):
    open_sn(host, gateway, clean=0)
    host.command('AT+MQTTPUB=101,"a/b",1,0,"x"', "OK", "+MQTTPUB: 101,1")
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")
    gateway.drain()
    connect(host, client=101, port=GATEWAY, clean=0)
    gateway.expect(sn.CONNECT, cleansess=0)
    host.command("AT+MQTTSNREG?", '+MQTTSNREG: 101,1,"a/b"', "OK")
    host.command('AT+MQTTPUB=101,"a/b",1,0,"y"', "OK", "+MQTTPUB: 101,1")
    gateway.expect(sn.REGISTER)
    gateway.expect(sn.PUBLISH, tid=1)
    host.command('AT+MQTTPUB=101,"a/b",1,0,"z"', "OK", "+MQTTPUB: 101,1")
    gateway.expect(sn.PUBLISH, tid=1)
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")
    open_sn(host, gateway, clean=1)
    host.command("AT+MQTTSNREG?", "OK")


def test_clean_session_0_keeps_the_ids_over_a_restart(guest, host, gateway):
    """Of the daemon, which is killed while a message waits for the host; the
    gateway keeps its ids, and does not register them again."""
    open_sn(host, gateway, clean=0)
    host.command('AT+MQTTSUB=101,"a/b",1', "OK", "+MQTTSUB: 101,1")
    gateway.drain()
    end = time.monotonic() + 10 * bed.SLOW
    while not any(name.startswith("mqttsn-") and "1 1 a/b\n" in
                  guest.state.read(name) for name in guest.state.names()):
        assert time.monotonic() < end, "nothing is kept"
    host.command("AT+MQTTCONF=1", "OK")
    gateway.send(sn.PUBLISH, tid=1, mid=77, qos=sn.QOS_1, data=b"waits")
    host.result("+MQTTMSGI: 101,1,3,5")
    guest.daemon.restart()
    host.reset()
    connect(host, client=101, port=GATEWAY, clean=0)
    gateway.expect(sn.CONNECT, cleansess=0)
    gateway.send(sn.PUBLISH, tid=1, mid=77, qos=sn.QOS_1, dup=1, data=b"waits")
    host.result('+MQTTMSG: 101,1,"a/b","waits"')
    gateway.expect(sn.PUBACK, tid=1, return_code=0)
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")
    open_sn(host, gateway, clean=1)
    host.command("AT+MQTTCLOSE=101", "OK", "+MQTTCLOSE: 101,1")


def test_the_gateway_disconnects(sn_host, gateway):
    gateway.send(sn.DISCONNECT)
    sn_host.result("+MQTTBREAK: 101,1")
    sn_host.command('AT+MQTTPUB=101,"ab",0,0,"x"', "ERROR")
    sn_host.quiet(0.2)
    open_sn(sn_host, gateway)


def test_the_gateway_is_restarted(host, gateway):
    """It knows no client any more, and says nothing to them."""
    open_sn(host, gateway, keepalive=2)
    gateway.restart()
    gateway.answers[sn.PINGREQ] = None
    host.result("+MQTTBREAK: 101,1")
    gateway.reset()
    open_sn(host, gateway)


def test_keepalive(host, gateway):
    open_sn(host, gateway, keepalive=4)
    gateway.expect(sn.PINGREQ)
    host.quiet(0.1)


def test_the_gateway_pings(sn_host, gateway):
    gateway.send(sn.PINGREQ)
    gateway.expect_bytes(b"\x02\x17")


def test_the_dissector_finds_no_fault(kept, gateway, tmp_path):
    """Every kind of message that a client sends, as Wireshark reads it."""
    host = kept
    first = len(gateway.record)
    host.command('AT+MQTTWILL=102,"w/t",1,0,"gone"', "OK")
    connect(host, client=102, port=GATEWAY)
    for line in ('SNREG=102,"a/b"', 'SUB=102,"a/b",2', 'SUB=102,"ab",1',
                 "SUB=102,12,0", 'WTOPICUD=102,1,1,"n/t"', 'WMSGUD=102,"m"',
                 'UNSUB=102,"a/b"'):
        host.write(f"AT+MQTT{line}\r".encode())
        host.match(rb"\r\nOK\r\n\r\n\+MQTT\w+: 102,[01][^\r]*\r\n")
    for size in 1, 248, 249, 1000:
        for qos in 0, 1, 2:
            host.command(f'AT+MQTTPUB=102,"a/b",{qos},0,"{"x" * size}"', "OK",
                         "+MQTTPUB: 102,1")
    for qos in 0, 1, 2:
        gateway.publish(1, b"y", qos)
        host.result(f'+MQTTMSG: 102,{qos},"a/b","y"')
    host.command("AT+MQTTCLOSE=102", "OK", "+MQTTCLOSE: 102,1")
    gateway.capture(tmp_path / "sn.pcap", first)
    shark = ["tshark", "-n", "-r", tmp_path / "sn.pcap", "-d",
             f"udp.port=={GATEWAY},mqttsn"]

    def lines(query):
        return subprocess.run(shark + ["-Y", query], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.splitlines()
    assert lines("_ws.malformed") == []
    assert len(lines("mqttsn")) == len(gateway.record) - first
    sent = {datagram[3 if datagram[0] == 1 else 1]
            for inward, _, datagram in gateway.record[first:] if inward}
    assert sent >= {sn.CONNECT, sn.WILLTOPIC, sn.WILLMSG, sn.REGISTER,
                    sn.SUBSCRIBE, sn.UNSUBSCRIBE, sn.PUBLISH, sn.PUBACK,
                    sn.PUBREC, sn.PUBREL, sn.PUBCOMP, sn.WILLTOPICUPD,
                    sn.WILLMSGUPD, sn.DISCONNECT}


MALFORMED = [
    b"", b"\x00", b"\x01", b"\x02", b"\x01\x00", b"\x01\x00\x03",
    b"\x03\x05", b"\x02\x05", b"\x07\x0c\x00\x00\x0c\x00", b"\x06\x0c\x00",
    b"\x03\x0b\x00", b"\xff\x0c\x00", b"\x01\xff\xff\x0c\x00\x00\x01\x00\x00",
    b"\x04\x0d\x00\x00", b"\x02\x13", b"\x02\xfe", b"\x04\xfe\x00\x00",
    b"\x02\xff", b"\x03\x03\x00", b"\x02\x00", b"\x03\x01\x01",
    b"\x04\x02\x01\x7f", b"\x02\x11", b"\x06\x0a\x00\x01\x00\x01",
    b"\x07\x0c\x03\x00\x01\x00\x00", b"\x07\x0c\x60\x00\x01\x00\x01",
]


def test_malformed_datagrams(sn_host, gateway):
    """And those that are not for a client, or are out of place."""
    for datagram in MALFORMED:
        gateway.put(gateway.peer, datagram)
    for kind in sn.WILLTOPICRESP, sn.WILLMSGRESP, sn.CONNACK, sn.PINGRESP:
        gateway.send(kind)
    for kind in sn.PUBACK, sn.PUBREC, sn.PUBCOMP, sn.SUBACK, sn.UNSUBACK:
        gateway.send(kind, mid=77)
    sn_host.quiet(0.3)
    gateway.drain()
    sn_host.command('AT+MQTTPUB=101,"ab",2,0,"alive"', "OK",
                    "+MQTTPUB: 101,1")
    gateway.got([b"alive"])


def test_a_stranger_is_not_heard(sn_host, gateway):
    address, port = gateway.peer
    send = ("import socket, sys; s = socket.socket(socket.AF_INET, "
            "socket.SOCK_DGRAM); s.sendto(bytes.fromhex(sys.argv[1]), "
            "(sys.argv[2], int(sys.argv[3])))")
    for datagram in (b"\x02\x18", encode(sn.PUBLISH, tid=12, tid_type=1,
                                         data=b"x")):
        bed.run("python3", "-S", "-c", send, datagram.hex(), address, port)
    sn_host.quiet(0.2)
    sn_host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 101", "OK")
