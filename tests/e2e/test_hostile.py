# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Brokers and publishers that do harm: what the host and the log are told,
what never reaches the UART, and how much memory it costs.

    test ── pty ══ UART ══ n_at ── atmqttd ── TCP ── scripted.py or mosquitto
"""
import contextlib
import json
import pathlib
import re
import subprocess
import time

import pytest

import bed
from broker import publish
from conftest import configured, connect, subscribe

PORT = 1986
SCRIPTED = pathlib.Path(__file__).resolve().parent / "scripted.py"
GROWTH_MAX_KIB = 2048
MIB = 1 << 20
CONNACK = "20020000"
TAKE_PUBLISH, TAKE_PUBREL, TAKE_SUBSCRIBE = "take:3", "take:6", "take:8"
PUB = 'AT+MQTTPUB=1,"t",{},0,"xxxxxxxxxxxxxxxx"'


@contextlib.contextmanager
def scripted(*steps):
    """The broker on PORT that does these steps for each client."""
    process = bed.popen("python3", "-S", SCRIPTED, PORT, *steps,
                        stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    try:
        yield
    finally:
        process.kill()
        process.wait()


def works(host, topic):
    """The client is opened at a good broker, and used, and closed."""
    connect(host)
    subscribe(host, topic)
    for qos in range(3):
        host.command(f'AT+MQTTPUB=1,"{topic}",{qos},0,"{qos}"', "OK")
        result = b"\r\n+MQTTPUB: 1,1\r\n"
        message = f'\r\n+MQTTMSG: 1,{qos},"{topic}","{qos}"\r\n'.encode()
        got = host.collect(len(result + message))
        assert got in (result + message, message + result)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    host.quiet(0.1)


def logged(daemon, words, timeout=5):
    """The log's lines with these words, once there is one: it takes another
    way out of the guest than the UART."""
    end = time.monotonic() + timeout * bed.SLOW
    while True:
        found = [line for line in daemon.said().decode().splitlines()
                 if words in line]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def assert_told(guest, host, words, seen):
    """In AT+CEER, and in one line of the log with what it was about."""
    host.command("AT+CEER",
                 f'+CEER: "protocol error: {words} (127.0.0.1:{PORT})"', "OK")
    line, = logged(guest.daemon, "protocol error")
    assert words in line
    assert re.search(rf"begins with {seen}$", line), line


# ---- what is no MQTT ----

@pytest.fixture
def told_anew(guest):
    """The daemon's log counts from here."""
    guest.daemon.begin = pathlib.Path(guest.daemon.log.name).stat().st_size


WRONG_ANSWERS = [
    (1, ["7002id"], "PUBCOMP for a PUBLISH of QoS 1", "70 02 .. .."),
    (1, ["9003id00"], "SUBACK for a PUBLISH of QoS 1", "90 03 .. .. 00"),
    (1, ["9002id"], "SUBACK of 2 bytes", "90 02 .. .."),
    (2, ["4002id"], "PUBACK for a PUBLISH of QoS 2", "40 02 .. .."),
    (2, ["5002id", TAKE_PUBREL, "b002id"], "UNSUBACK for a PUBREL",
     "b0 02 .. .."),
    (2, ["f000"], "packet of type 15 from the broker", "f0 00"),
]


def ids(rows):
    """Their words without blanks."""
    return [row[-2].replace(" ", "_") for row in rows]


@pytest.mark.parametrize("qos, answer, words, seen", WRONG_ANSWERS,
                         ids=ids(WRONG_ANSWERS))
def test_wrong_answer(guest, told_anew, host, topic, qos, answer, words,
                      seen):
    with scripted(CONNACK, TAKE_PUBLISH, *answer):
        connect(host, port=PORT)
        host.command(PUB.format(qos), "OK", "+MQTTPUB: 1,0",
                     "+MQTTBREAK: 1,1")
        assert_told(guest, host, words, seen)
    works(host, topic)


def test_wrong_answer_again_and_again(guest, host, topic):
    """Each one used to be a heap in disorder, until the daemon fell over."""
    pid = guest.daemon.pids()
    with scripted(CONNACK, TAKE_PUBLISH, "7002id"):
        for _ in range(10):
            connect(host, port=PORT)
            host.command(PUB.format(1), "OK", "+MQTTPUB: 1,0",
                         "+MQTTBREAK: 1,1")
    assert guest.daemon.pids() == pid
    works(host, topic)


WRONG_MESSAGES = [
    ("3606000174000778", "PUBLISH of QoS 3", "36.*"),
    ("3206000174000078", "PUBLISH with packet id 0", "32 06 00 01 74 00 00.*"),
    ("3003000078", "PUBLISH without a topic", "30 03 00 00.*"),
    ("30050003610062", "topic that is no text", "30 05 00 03 61 00.*"),
    ("30ffffffff01", "length of more than 4 bytes", "30 ff ff ff ff.*"),
]


@pytest.mark.parametrize("message, words, seen", WRONG_MESSAGES,
                         ids=ids(WRONG_MESSAGES))
def test_wrong_message(guest, told_anew, host, topic, message, words, seen):
    with scripted(CONNACK, message):
        connect(host, port=PORT)
        host.result("+MQTTBREAK: 1,1")
        assert_told(guest, host, words, seen)
    works(host, topic)


WRONG_CONNACKS = [
    ("20020200", "CONNACK with wrong flags", "20 02 02 00"),
    ("20020006", "CONNACK with return code 6", "20 02 00 06"),
    ("200100", "CONNACK of 1 bytes", "20 01.*"),
    ("300400017478", "PUBLISH before CONNACK", "30.*"),
]


@pytest.mark.parametrize("connack, words, seen", WRONG_CONNACKS,
                         ids=ids(WRONG_CONNACKS))
def test_wrong_connack(guest, told_anew, host, topic, connack, words, seen):
    with scripted(connack):
        connect(host, port=PORT, status=0)
        assert_told(guest, host, words, seen)
        host.quiet(0.1)
    works(host, topic)


# ---- what is late ----

@pytest.mark.parametrize("command, answer", [
    (PUB.format(1), [TAKE_PUBLISH, "wait:4", "4002id"]),
    (PUB.format(2), [TAKE_PUBLISH, "wait:4", "5002id", TAKE_PUBREL,
                     "7002id"]),
    ('AT+MQTTSUB=1,"t",1', [TAKE_SUBSCRIBE, "wait:4", "9003id01"]),
    ('AT+MQTTUNSUB=1,"t"', ["take:10", "wait:4", "b002id"]),
], ids=["qos1", "qos2", "sub", "unsub"])
def test_late_answer(host, topic, command, answer):
    """result_timeout_ms is 2900: the request has failed for the host, but an
    answer to what was asked is no fault of the broker's."""
    name = re.match(r"AT(\+\w+)", command)[1]
    with scripted(CONNACK, *answer, "3003000174"):
        connect(host, port=PORT)
        host.command(command, "OK", f"{name}: 1,0")
        host.result('+MQTTMSG: 1,0,"t",""', timeout=10)
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    works(host, topic)


# ---- what would be a line of its own on the UART ----

INJECTIONS = [b'"\r\n+MQTTBREAK: 1,1\r\n', b'x","y"\r\n\r\nOK\r\n',
              b"a\nb", b"a\x1bb", b"a\xc2\x9bb"]


@pytest.mark.parametrize("format", ["raw", "escaped", "hex"])
def test_injection_by_topic(guest, topic, format):
    """The break is the real one, and the only thing that comes."""
    from conftest import open_host
    with configured(guest, payload_format=f'"{format}"'):
        host = open_host(guest, 0)
        for name in INJECTIONS:
            body = len(name).to_bytes(2, "big") + name + b"p"
            message = (bytes([0x30, len(body)]) + body).hex()
            with scripted(CONNACK, message):
                connect(host, port=PORT)
                host.result("+MQTTBREAK: 1,1")
                host.quiet(0.2)
        host.close()
    host = open_host(guest, 0)
    works(host, topic)
    host.close()


# ---- memory ----

class Memory:
    """Of the daemon, which was started for this test alone."""

    def __init__(self, daemon):
        self.pid, = daemon.pids()
        self.before = self.peak()

    def peak(self):
        status = bed.run("cat", f"/proc/{self.pid}/status").stdout.decode()
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)[1])

    def assert_small(self):
        growth = self.peak() - self.before
        assert growth < GROWTH_MAX_KIB, f"it grew by {growth} KiB"


@pytest.fixture
def new_daemon(guest):
    """A peak is one for life."""
    guest.daemon.restart()
    return guest.daemon


def oversize(guest):
    """Of the first port's first client, as atmqttctl tells."""
    ctl = pathlib.Path(guest.daemon.binary).with_name("atmqttctl")
    status = json.loads(bed.run(ctl, "status", "--json").stdout)
    port, = (port for port in status["daemon"]["ports"]
             if port["tty"] == guest.daemon.ttys[0])
    return port["clients"][0]["oversize"]


STREAM = """
import socket, struct, sys
topic, qos, size = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3])
head = struct.pack(">H", len(topic)) + topic + (b"\\0\\1" if qos else b"")
left = len(head) + size
length = bytes([left & 127 | 128, left >> 7 & 127 | 128, left >> 14 & 127 | 128,
                left >> 21])
with socket.create_connection(("127.0.0.1", 1883)) as link:
    link.sendall(b"\\x10\\x0d\\0\\4MQTT\\4\\2\\0\\x3c\\0\\1p")
    link.recv(4)
    link.sendall(bytes([0x30 | qos << 1]) + length + head)
    piece = bytes(1 << 16)
    while size:
        size -= link.send(piece[:size])
    if qos:
        link.recv(4)
    link.sendall(b"\\xe0\\0")
"""


def publish_zeros(topic, qos, size):
    """Piece by piece: mosquitto_pub takes three times the message, which is
    all that the guest has beside its broker."""
    bed.run("python3", "-S", "-c", STREAM, topic, qos, size,
            timeout=60 * bed.SLOW)


@pytest.mark.parametrize("qos", [0, 1])
def test_100_mib_through_mosquitto(guest, new_daemon, host, topic, qos):
    connect(host)
    subscribe(host, topic, qos)
    publish(topic, b"before", qos)
    host.result(f'+MQTTMSG: 1,{qos},"{topic}","before"')
    memory, counted = Memory(new_daemon), oversize(guest)
    publish_zeros(topic, qos, 100 * MIB)
    publish(topic, b"after", qos)
    host.result(f'+MQTTMSG: 1,{qos},"{topic}","after"', timeout=20)
    memory.assert_small()
    assert oversize(guest) == counted + 1
    host.command("AT+CEER", f'+CEER: "message too long: {100 * MIB} bytes '
                 '(127.0.0.1:1883)"', "OK")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    works(host, topic)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_100_mib_from_the_broker(guest, new_daemon, host, topic, qos):
    """Remaining length: topic, id and 100 MiB."""
    head = "000174" + ("0007" if qos else "")
    size = len(head) // 2 + 100 * MIB
    length = bytes([size & 127 | 128, size >> 7 & 127 | 128,
                    size >> 14 & 127 | 128, size >> 21]).hex()
    with scripted(CONNACK, TAKE_SUBSCRIBE, "9003id02", "300400017431",
                  f"3{2 * qos}{length}{head}", f"zeros:{100 * MIB}",
                  "300400017432"):
        connect(host, port=PORT)
        host.command('AT+MQTTSUB=1,"t",2', "OK")
        memory = Memory(new_daemon)
        got = {host.match(rb"\r\n([^\r]+)\r\n", timeout=20)[1]
               for _ in range(3)}
        assert got == {b"+MQTTSUB: 1,1", b'+MQTTMSG: 1,0,"t","1"',
                       b'+MQTTMSG: 1,0,"t","2"'}
        memory.assert_small()
        assert oversize(guest) == 1
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    works(host, topic)


def test_8_bytes_that_announce_256_mb(guest, new_daemon, host, topic):
    works(host, topic)
    memory = Memory(new_daemon)
    with scripted(CONNACK, "30ffffff7f000161", "wait:0.2", "end"):
        for _ in range(4):
            connect(host, port=PORT)
            host.result("+MQTTBREAK: 1,1")
        memory.assert_small()
    host.command("AT+CEER",
                 f'+CEER: "closed by the broker (127.0.0.1:{PORT})"', "OK")
    works(host, topic)


FLOOD, FLOOD_SIZE, SILENT_S = 8000, 1000, 20


def test_flood_at_a_host_that_does_not_read(guest, new_daemon, host, host2,
                                            topic):
    """The broker waits: no memory, no break, no harm to the other port, and
    nothing lost.  20 s are more than the link's 1.5 keepalives."""
    connect(host2)
    with scripted(CONNACK, f"flood:{FLOOD}:{FLOOD_SIZE}"):
        connect(host, port=PORT, keepalive=5)
        memory = Memory(new_daemon)
        end = time.monotonic() + SILENT_S
        while time.monotonic() < end:
            host2.command("AT", "OK", timeout=1)
            host2.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK",
                          "+MQTTPUB: 1,1")
            time.sleep(0.5)
        memory.assert_small()
        for number in range(FLOOD):
            payload = f"{number} ".ljust(FLOOD_SIZE, ".")
            host.result(f'+MQTTMSG: 1,1,"f","{payload}"')
        memory.assert_small()
        host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    works(host, topic)
