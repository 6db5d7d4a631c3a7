# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The MQTT commands in every form, against the bed's broker."""
import re

import pytest

import bed
from broker import Subscriber, publish
from conftest import configured, connect, subscribe

CME_3, CME_50 = "+CME ERROR: 3", "+CME ERROR: 50"

# model L610: user, password and client id of 1024 bytes each
TEST_FORMS = [
    ("USER", '(1,2),1024,1024[,1024]'),
    ("OPEN", '({ids}),(<"Remote IP/URL">),(1-65535),(0,1),(1-300)[,(0-2)]'),
    ("CLOSE", "({ids})"),
    ("SUB", "({ids}),255,(0-2)"),
    ("UNSUB", "({ids}),255"),
    ("PUB", "({ids}),255,(0-2),(0,1),1024"),
    ("CONF", "(0,1)"),
    ("READ", "({ids})"),
    ("WILL", "({ids}),255,(0-2),(0,1),1024"),
]


@pytest.fixture(scope="module")
def ids(guest):
    """What the model can open: the list depends on its MQTT-SN clients."""
    from conftest import open_host
    host = open_host(guest, 0)
    host.write(b"AT+MQTTOPEN?\r")
    found = host.match(rb"\r\n\+MQTTOPEN: (1,2(,101,102)?)\r\n\r\nOK\r\n")[1]
    host.close()
    return found.decode()


@pytest.mark.parametrize("name, answer", TEST_FORMS)
def test_test_form(host, ids, name, answer):
    host.command(f"AT+MQTT{name}=?",
                 f"+MQTT{name}: " + answer.format(ids=ids), "OK")


@pytest.mark.parametrize("name, answer", TEST_FORMS)
def test_test_form_of_another_model(host2, name, answer):
    """MC665: no MQTT-SN, limits 128/256/256."""
    answer = answer.replace("1024,1024[,1024]", "128,256[,256]")
    host2.command(f"AT+MQTT{name}=?",
                  f"+MQTT{name}: " + answer.format(ids="1,2"), "OK")


@pytest.mark.parametrize("name", ["SUB", "UNSUB", "PUB", "READ"])
def test_no_read_form(host, name):
    host.write(f"AT+MQTT{name}?\r".encode())
    host.match(rb"\r\n(ERROR|\+CME ERROR: \d+)\r\n")
    host.quiet(0.1)


def test_user(daemon, host):
    host.command("AT+MQTTUSER?", "OK")
    host.command('AT+MQTTUSER=2,"u2","p2","c2"', "OK")
    host.command('AT+MQTTUSER=1,"u1","p1"', "OK")
    host.command("AT+MQTTUSER?", '+MQTTUSER: 1,"u1","p1"',
                 '+MQTTUSER: 2,"u2","p2","c2"', "OK")
    host.command('AT+MQTTUSER=3,"u","p"', CME_50)
    host.command('AT+MQTTUSER=1', CME_50)
    host.command('AT+MQTTUSER=1,"%s","p"' % ("u" * 1024), "OK")
    host.write(b'AT+MQTTUSER=1,"%s","p"\r' % (b"u" * 1025))
    host.match(rb"\r\n\+CME ERROR: (24|50)\r\n")
    host.quiet(0.1)


def test_open_and_close(host, ids):
    host.command("AT+MQTTOPEN?", f"+MQTTOPEN: {ids}", "OK")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    connect(host)
    host.command("AT+MQTTOPEN?", "+MQTTOPEN: " + ids.replace("1,", "", 1),
                 "OK")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1", "OK")
    host.command('AT+MQTTOPEN=1,"127.0.0.1",1883,1,60', CME_3)
    connect(host, client=2)
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 1,2", "OK")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    host.command("AT+MQTTCLOSE=1", "ERROR")
    host.command("AT+MQTTCLOSE=2", "OK", "+MQTTCLOSE: 2,1")
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    host.quiet()                        # CLOSE is not followed by a BREAK


def test_nothing_can_be_opened(host2):
    connect(host2)
    connect(host2, client=2)
    host2.command("AT+MQTTOPEN?", "+MQTTOPEN: 0", "OK")


def test_open_while_opening(host, own_broker):
    own_broker.signal("STOP")
    host.command('AT+MQTTOPEN=1,"127.0.0.1",1984,1,60', "OK")
    host.command('AT+MQTTOPEN=1,"127.0.0.1",1984,1,60', CME_3)
    own_broker.signal("CONT")
    host.result("+MQTTOPEN: 1,1")


@pytest.mark.parametrize("line", [
    '"127.0.0.1",0,1,60', '"127.0.0.1",65536,1,60', '"127.0.0.1",1883,2,60',
    '"127.0.0.1",1883,1,0', '"127.0.0.1",1883,1,301', '"",1883,1,60',
    '"127.0.0.1",1883,1,60,1', '"127.0.0.1",1883,1,60,3', '"127.0.0.1",1883',
    '"127.0.0.1",x,1,60', '"127.0.0.1",1883,1,60,0,0'])
def test_open_parameters(host, line):
    host.command(f"AT+MQTTOPEN=1,{line}", CME_50)
    host.quiet(0.1)


@pytest.mark.parametrize("line", ["3", "0", "103", "x", ""])
def test_no_such_client(host, line):
    host.command(f'AT+MQTTOPEN={line},"127.0.0.1",1883,1,60', CME_50)
    host.command(f"AT+MQTTCLOSE={line}", "ERROR")
    host.command(f"AT+MQTTREAD={line}", CME_50)
    host.command(f'AT+MQTTPUB={line},"t",0,0,"x"', "ERROR")


@pytest.mark.parametrize("where", ["localhost", "127.0.0.1", "127.000.000.001",
                                   "::1"])
def test_open_by_name_and_address(host, where):
    """The bed's broker listens on both families, or the open just fails."""
    host.command(f'AT+MQTTOPEN=1,"{where}",1883,1,60', "OK")
    status = host.match(rb"\r\n\+MQTTOPEN: 1,([01])\r\n", timeout=10)[1]
    assert status == b"1" or where == "::1"


def test_open_refused(host):
    connect(host, port=9, status=0)
    host.write(b"AT+CEER\r")
    host.match(rb'\r\n\+CEER: "[^"]*\(127\.0\.0\.1:9\)"\r\n\r\nOK\r\n')
    host.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
    connect(host)


def test_open_unknown_name(host):
    """The name is not waited for: the next line may be answered first."""
    host.command('AT+MQTTOPEN=1,"no.such.host.invalid",1883,1,60', "OK")
    host.write(b"AT\r")
    got = host.collect(len("\r\nOK\r\n\r\n+MQTTOPEN: 1,0\r\n"), timeout=10)
    assert sorted(got.split()) == [b"+MQTTOPEN:", b"1,0", b"OK"]
    host.write(b"AT+CEER\r")
    host.match(rb'\r\n\+CEER: "[^"]+"\r\n\r\nOK\r\n')


def test_open_of_a_silent_broker(host, own_broker):
    """open_timeout_ms is 4900."""
    own_broker.signal("STOP")
    host.command('AT+MQTTOPEN=1,"127.0.0.1",1984,1,60', "OK")
    host.quiet(3)
    host.result("+MQTTOPEN: 1,0", timeout=10)
    own_broker.signal("CONT")
    connect(host, port=1984)


OPEN = b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r'


def test_requests_right_behind_open(host, topic):
    """As a host with fixed pauses, or none, sends them."""
    message = rb'\r\n\+MQTTMSG: 1,1,"%s","abc"\r\n' % topic.encode()
    published = rb"\r\n\+MQTTPUB: 1,1\r\n"
    for _ in range(10):
        host.write(OPEN + b'AT+MQTTSUB=1,"%s",1\r'
                   b'AT+MQTTPUB=1,"%s",1,0,3\rabc' % ((topic.encode(),) * 2))
        host.expect(b"\r\nOK\r\n\r\nOK\r\n\r\n>\r\n\r\nOK\r\n"
                    b"\r\n+MQTTOPEN: 1,1\r\n\r\n+MQTTSUB: 1,1\r\n")
        host.match(b"%s%s|%s%s" % (message, published, published, message))
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_requests_right_behind_a_failing_open(host):
    host.write(b'AT+MQTTOPEN=1,"127.0.0.1",9,1,60\rAT+MQTTPUB=1,"t",0,0,"x"\r')
    host.match(rb"\r\nOK\r\n.*\r\n\+MQTTOPEN: 1,0\r\n")
    host.match(rb".*(\+MQTTPUB: 1,0|ERROR)\r\n")
    host.quiet()


def test_open_right_behind_close(connected):
    for _ in range(100):
        connected.write(b"AT+MQTTCLOSE=1\r\n" + OPEN)
        connected.match(rb"\r\nOK\r\n(\r\nOK\r\n\r\n\+MQTTCLOSE: 1,1\r\n|"
                        rb"\r\n\+MQTTCLOSE: 1,1\r\n\r\nOK\r\n)"
                        rb"\r\n\+MQTTOPEN: 1,1\r\n")
    connected.quiet()


def test_close_calls_an_open_off(host, own_broker):
    own_broker.signal("STOP")
    host.write(b'AT+MQTTOPEN=1,"127.0.0.1",1984,1,60\r'
               b'AT+MQTTSUB=1,"a",0\rAT+MQTTCLOSE=1\r')
    host.expect(3 * b"\r\nOK\r\n" + b"\r\n+MQTTOPEN: 1,0\r\n"
                b"\r\n+MQTTSUB: 1,0\r\n\r\n+MQTTCLOSE: 1,1\r\n")
    own_broker.signal("CONT")
    connect(host)


def test_results_keep_their_distance(host, monitor, topic):
    """A host that polls shall not find OK and result in one burst.

    By n_at's time: a busy machine lets this test read both of them late.
    """
    watch = monitor("--json", mode='"mode":"command"')
    for line, result in ((OPEN, "OPEN"), (b'AT+MQTTSUB=1,"%s",0\r'
                                          % topic.encode(), "SUB"),
                         (b'AT+MQTTUNSUB=1,"%s"\r' % topic.encode(), "UNSUB"),
                         (b"AT+MQTTCLOSE=1\r", "CLOSE")):
        host.write(line)
        host.result("OK")
        host.result(f"+MQTT{result}: 1,1")
        answered, ok = watch.output()
        told, text = watch.output()
        assert (ok, text) == (r"\r\nOK\r\n",
                              rf"\r\n+MQTT{result}: 1,1\r\n")
        assert told - answered > 0.018      # result_gap_ms is 20


def test_an_open_client_is_replaced(host, guest, topic):
    with configured(guest, open_again='"replace"'):
        host.reset()
        connect(host)
        subscribe(host, topic)
        for _ in range(10):
            connect(host)
        publish(topic, b"x")
        host.quiet()
        subscribe(host, topic)
        publish(topic, b"y")
        host.match(rb'\r\n\+MQTTMSG: 1,\d,"[^"]*","y"\r\n')
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    host.reset()


def test_open_with_a_password(host, guest):
    from broker import Broker
    from conftest import BUILD
    passwords = BUILD / "passwords"
    passwords.write_text("")
    bed.run("mosquitto_passwd", "-b", passwords, "alice", "secret")
    passwords.chmod(0o600)
    broker = Broker(BUILD, "listener 1985 127.0.0.1\nallow_anonymous false\n"
                    f"password_file {passwords}\n", 1985)
    try:
        host.command('AT+MQTTUSER=1,"alice","wrong"', "OK")
        connect(host, port=1985, status=0)
        host.write(b"AT+CEER\r")
        host.match(rb'\r\n\+CEER: "70[34]: [^"]*\(127\.0\.0\.1:1985\)"\r\n'
                   rb"\r\nOK\r\n")
        host.command('AT+MQTTUSER=1,"alice","secret","clientA"', "OK")
        connect(host, port=1985)
    finally:
        broker.close()


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("retain", [0, 1])
def test_publish(connected, subscriber, topic, qos, retain):
    connected.command(f'AT+MQTTPUB=1,"{topic}",{qos},{retain},"hello"', "OK",
                      "+MQTTPUB: 1,1")
    subscriber.expect(topic, b"hello", qos)
    subscriber.none()
    late = Subscriber(topic)
    if retain:
        late.expect(topic, b"hello", qos, retained=True)
        publish(topic, b"", retain=True)
    else:
        late.none()
    late.close()


@pytest.mark.parametrize("sent, payload", [
    ('"{"temp":1}"', b'{"temp":1}'),
    (r'"{\"temp\":1}"', b'{"temp":1}'),
    (r'"a\r\nb\\c\00\FF"', b"a\r\nb\\c\0\xff"),
    ('"a;b,c"', b"a;b,c"),
    ('"a" , "b"', b'a" , "b'),
    ('"trailing blanks"   ', b"trailing blanks"),
    ("bare", b"bare"),
    ('"12"', b"12"),
    ('""', b""),
    ('"x";', b"x"),
    ('{"a":1,"b":[2]}', b'{"a":1,"b":[2]}'),
    ('[1,"2"] ;', b'[1,"2"]'),
    (r'"{"p":"a\bcd","u":"\u4e2d"}"', rb'{"p":"a\bcd","u":"\u4e2d"}'),
    (r'"C:\data"', rb"C:\data"),
    ('"%s"' % ("x" * 1024), b"x" * 1024),
])
def test_inline_payload(connected, subscriber, topic, sent, payload):
    connected.command(f'AT+MQTTPUB=1,"{topic}",1,0,{sent}', "OK",
                      "+MQTTPUB: 1,1")
    subscriber.expect(topic, payload, 1)


@pytest.mark.parametrize("rest", [
    '"t",3,0,"x"', '"t",0,2,"x"', '"t/#",0,0,"x"', '"t/+",0,0,"x"',
    '"",0,0,"x"', '"%s",0,0,"x"' % ("t" * 256), '"t",0,0',
    '"t",0,0,-5', '"t",0,0,+5', '"t",0,0,"x",', '"t",0,0,"{"a":1',
    '"t",0,0,"%s"' % ("x" * 1025), '"t",0,0,1025', '"t",0,0,0', '"t",x,0,"x"',
])
def test_publish_errors(connected, rest):
    connected.command(f"AT+MQTTPUB=1,{rest}", "ERROR")
    connected.quiet(0.1)


@pytest.mark.parametrize("line", [
    'AT+MQTTPUB=1,"t",0,0,"x"', 'AT+MQTTPUB=1,"t",0,0,5',
    'AT+MQTTSUB=1,"t",0', 'AT+MQTTUNSUB=1,"t"', "AT+MQTTCLOSE=1"])
def test_not_connected(host, line):
    host.command(line, "ERROR")
    host.quiet(0.1)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_receive(connected, topic, qos):
    subscribe(connected, topic, 2)
    publish(topic, b'say "hi"', qos)
    connected.result(f'+MQTTMSG: 1,{qos},"{topic}","say "hi""')


def test_receive_no_more_than_granted(connected, topic):
    subscribe(connected, topic, 0)
    publish(topic, b"x", 2)
    connected.result(f'+MQTTMSG: 1,0,"{topic}","x"')


def test_receive_every_byte(connected, topic):
    subscribe(connected, topic, 1)
    payload = bytes(range(256))
    publish(topic, payload, 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","'.encode() + payload + b'"')


def test_receive_1500_bytes(connected, topic):
    subscribe(connected, topic, 1)
    publish(topic, b"y" * 1500, 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","'.encode() + b"y" * 1500
                     + b'"')
    publish(topic, b"z" * 1501, 1)      # cannot be delivered
    connected.quiet()
    publish(topic, b"next", 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","next"')


def test_receive_retained(connected, topic):
    publish(topic, b"kept", 1, retain=True)
    subscribe(connected, topic, 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","kept"')
    publish(topic, b"", retain=True)


def test_messages_keep_their_order(connected, topic):
    from broker import publish_lines
    subscribe(connected, topic, 2)
    publish_lines(topic, [f"n{number}" for number in range(100)], 1)
    for number in range(100):
        connected.result(f'+MQTTMSG: 1,1,"{topic}","n{number}"')


def test_unsubscribe(connected, topic):
    subscribe(connected, topic)
    connected.command(f'AT+MQTTUNSUB=1,"{topic}"', "OK", "+MQTTUNSUB: 1,1")
    publish(topic, b"x")
    connected.quiet()


@pytest.mark.parametrize("topic_filter", ["a/#/b", "a#", "a+/b", "", "#/a"])
def test_malformed_filter(connected, topic_filter):
    connected.command(f'AT+MQTTSUB=1,"{topic_filter}",0', "ERROR")
    connected.command(f'AT+MQTTUNSUB=1,"{topic_filter}"', "ERROR")


def test_wildcards(connected, topic):
    subscribe(connected, f"{topic}/+/#", 1)
    publish(f"{topic}/a/b/c", b"x", 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}/a/b/c","x"')


def test_conf(host):
    host.command("AT+MQTTCONF?", "+MQTTCONF: 0", "OK")
    host.command("AT+MQTTCONF=1", "OK")
    host.command("AT+MQTTCONF?", "+MQTTCONF: 1", "OK")
    host.command("AT+MQTTCONF=2", CME_50)
    host.command("AT+MQTTCONF=0", "OK")


def test_read(connected, topic):
    connected.command("AT+MQTTCONF=1", "OK")
    subscribe(connected, topic)
    connected.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")
    for payload in b"first", b'"sec\r\nond"':
        publish(topic, payload, 1)
        connected.result(f"+MQTTMSGI: 1,1,{len(topic)},{len(payload)}")
    connected.command("AT+MQTTREAD=1",
                      f'+MQTTREAD: 1,1,{len(topic)},5,"{topic}","first"', "OK")
    connected.command("AT+MQTTREAD=1",
                      f'+MQTTREAD: 1,1,{len(topic)},10,"{topic}",'
                      '""sec\r\nond""', "OK")
    connected.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")


def test_what_waits_for_read_comes_first(connected, topic):
    """Also when the host does not want to read any more."""
    connected.command("AT+MQTTCONF=1", "OK")
    subscribe(connected, topic)
    for payload in b"1", b"2":
        publish(topic, payload, 1)
        connected.result(f"+MQTTMSGI: 1,1,{len(topic)},1")
    connected.command("AT+MQTTCONF=0", "OK", f'+MQTTMSG: 1,1,"{topic}","1"',
                      f'+MQTTMSG: 1,1,"{topic}","2"')
    publish(topic, b"3", 1)
    connected.result(f'+MQTTMSG: 1,1,"{topic}","3"')


def test_close_drops_what_was_not_read(connected, topic):
    connected.command("AT+MQTTCONF=1", "OK")
    subscribe(connected, topic)
    publish(topic, b"x")
    connected.result(f"+MQTTMSGI: 1,0,{len(topic)},1")
    connected.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    connected.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")


def read_all(host, topic, qos, payloads):
    for payload in payloads:
        host.command("AT+MQTTREAD=1",
                     f"+MQTTREAD: 1,{qos},{len(topic)},{len(payload)},"
                     f'"{topic}","{payload}"', "OK")


def test_full_read_queue_keeps_qos_1_at_the_broker(host, topic):
    """read_queue is 8; what was not read comes again in the next session."""
    from broker import publish_lines
    connect(host, clean=0)
    host.command("AT+MQTTCONF=1", "OK")
    subscribe(host, topic, 1)
    payloads = [f"n{number:02}" for number in range(20)]
    publish_lines(topic, payloads, 1)
    announced = f"+MQTTMSGI: 1,1,{len(topic)},3"
    for _ in range(8):
        host.result(announced)
    host.quiet(1)
    for payload in payloads[:4]:
        host.write(b"AT+MQTTREAD=1\r")
        host.result(f'+MQTTREAD: 1,1,{len(topic)},3,"{topic}","{payload}"')
        host.result("OK")
        host.result(announced)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    host.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")
    connect(host, clean=0)
    for _ in range(8):
        host.result(announced)
    for number, payload in enumerate(payloads[4:]):
        host.write(b"AT+MQTTREAD=1\r")
        host.result(f'+MQTTREAD: 1,1,{len(topic)},3,"{topic}","{payload}"')
        host.result("OK")
        if number < 8:
            host.result(announced)
    host.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    connect(host, clean=1)


def test_full_read_queue_drops_the_oldest_of_qos_0(connected, topic):
    from broker import publish_lines
    connected.command("AT+MQTTCONF=1", "OK")
    subscribe(connected, topic, 0)
    payloads = [f"n{number:02}" for number in range(12)]
    publish_lines(topic, payloads, 0)
    for _ in range(8):
        connected.result(f"+MQTTMSGI: 1,0,{len(topic)},3")
    connected.drain(1)
    read_all(connected, topic, 0, payloads[4:])


def test_will_on_a_killed_link(daemon, host, subscriber, topic):
    host.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
    host.command("AT+MQTTWILL?", f'+MQTTWILL: 1,"{topic}",1,0,"gone"', "OK")
    connect(host)
    subscriber.none()
    daemon.end("KILL")
    subscriber.expect(topic, b"gone", 1)


def test_no_will_after_close(daemon, host, subscriber, topic):
    host.command(f'AT+MQTTWILL=1,"{topic}",1,0,"gone"', "OK")
    connect(host)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    subscriber.none(1)


@pytest.mark.parametrize("rest", ['"t/#",0,0,"x"', '"t",3,0,"x"',
                                  '"t",0,2,"x"', '"",0,0,"x"', '"t",0,0'])
def test_will_errors(host, rest):
    host.command(f"AT+MQTTWILL=1,{rest}", "ERROR")


def test_clean_session_0(host, topic):
    """Messages wait at the broker while the client is away."""
    connect(host, clean=0)
    subscribe(host, topic, 1)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    for number in range(5):
        publish(topic, b"waited %d" % number, 1)
    connect(host, clean=0)
    for number in range(5):
        host.result(f'+MQTTMSG: 1,1,"{topic}","waited {number}"')
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    connect(host, clean=1)
    publish(topic, b"unheard", 1)
    host.quiet()


def test_results_come_in_order(connected, topic):
    """L14: also when the acknowledgements could overtake each other."""
    for number in range(12):
        connected.write(f'AT+MQTTPUB=1,"{topic}",{number % 3},0,"x"\r'
                        .encode())
    results = b"".join(connected.match(
        rb"\r\n(OK|\+MQTTPUB: 1,1)\r\n", timeout=10)[1] + b" "
        for _ in range(24))
    assert results.count(b"OK") == 12
    connected.quiet(0.2)


def test_more_requests_than_can_be_under_way(connected, topic):
    """L12: what the client has no room for waits; nothing is an ERROR."""
    many = 2000
    answers = b""
    lines = b"".join(b'AT+MQTTSUB=1,"%s/%d",1\r' % (topic.encode(), i)
                     for i in range(many))
    for at in range(0, len(lines), 4096):
        connected.write(lines[at:at + 4096])
    while answers.count(b"+MQTTSUB: 1,1\r\n") < many:
        answers += connected.collect(1)
    assert answers.count(b"\r\nOK\r\n") == many
    assert re.sub(rb"\r\n(OK|\+MQTTSUB: 1,1)\r\n", b"", answers) == b""


def test_unanswered_requests_fail_in_order(host, own_broker, topic):
    """L14 with result_timeout_ms: one result for each, in order."""
    connect(host, port=1984)
    own_broker.signal("STOP")
    for number in range(3):
        host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x{number}"', "OK")
    host.command(f'AT+MQTTSUB=1,"{topic}",1', "OK")
    seen = [host.match(rb"\r\n(\+MQTT(?:PUB|SUB): 1,0)\r\n", timeout=5)[1]
            for _ in range(4)]
    assert sorted(seen) == [b"+MQTTPUB: 1,0"] * 3 + [b"+MQTTSUB: 1,0"]
    own_broker.signal("CONT")
    host.quiet(1)                       # late acknowledgements say nothing
    host.command(f'AT+MQTTPUB=1,"{topic}/y",1,0,"y"', "OK", "+MQTTPUB: 1,1")


def test_two_clients_at_once(host, topic):
    connect(host)
    connect(host, client=2)
    subscribe(host, f"{topic}/1", client=1)
    subscribe(host, f"{topic}/2", client=2)
    host.command(f'AT+MQTTPUB=1,"{topic}/2",1,0,"to 2"', "OK")
    got = {host.match(rb"\r\n(\+MQTTPUB: 1,1|\+MQTTMSG: 2[^\r]*)\r\n")[1]
           for _ in range(2)}
    assert got == {b"+MQTTPUB: 1,1",
                   f'+MQTTMSG: 2,1,"{topic}/2","to 2"'.encode()}
    host.command(f'AT+MQTTPUB=2,"{topic}/1",0,0,"to 1"', "OK")
    got = {host.match(rb"\r\n(\+MQTTPUB: 2,1|\+MQTTMSG: 1[^\r]*)\r\n")[1]
           for _ in range(2)}
    assert got == {b"+MQTTPUB: 2,1",
                   f'+MQTTMSG: 1,0,"{topic}/1","to 1"'.encode()}
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    host.command(f'AT+MQTTPUB=2,"{topic}/2",0,0,"x"', "OK")
    got = {host.match(rb"\r\n(\+MQTTPUB: 2,1|\+MQTTMSG: 2[^\r]*)\r\n")[1]
           for _ in range(2)}
    assert len(got) == 2


def test_two_ports_at_once(host, host2, topic):
    """Each port has its own clients, settings and answers."""
    connect(host)
    connect(host2)
    subscribe(host, f"{topic}/0")
    subscribe(host2, f"{topic}/1")
    for number in range(20):
        host.write(b"AT+MQTTCONF?\r")
        host2.write(b"AT+MQTTCONF=%d;+MQTTCONF?\r" % (number % 2))
    for number in range(20):
        host.result("+MQTTCONF: 0")
        host.result("OK")
        host2.result(f"+MQTTCONF: {number % 2}")
        host2.result("OK")
    host2.command("AT+MQTTCONF=0")
    host.command(f'AT+MQTTPUB=1,"{topic}/1",1,0,"to 1"', "OK",
                 "+MQTTPUB: 1,1")
    host2.result(f'+MQTTMSG: 1,1,"{topic}/1","to 1"')
    host2.command(f'AT+MQTTPUB=1,"{topic}/0",1,0,"to 0"', "OK",
                  "+MQTTPUB: 1,1")
    host.result(f'+MQTTMSG: 1,1,"{topic}/0","to 0"')
    host.quiet(0.1)
    host2.quiet(0.1)
