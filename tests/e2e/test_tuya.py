# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Tuya: a device bound by an app, activated, connected, reset and stopped.

    test = host MCU ── UART ── atmqttd ── HTTPS ── iot-dns, ATOP ┐ the test,
                                       └─ MQTT, TLS ── broker ───┘ again

iot-dns has a certificate of the authority that is configured, ATOP and the
broker have one of the authority that iot-dns tells.
"""
import base64
import hashlib
import json
import re
import struct
import subprocess
import time
import zlib

import pytest

import atmqttd
import clouds
from conftest import BUILD

PRODUCT = "pk0123456789abcd"
TYPE = "application/x-www-form-urlencoded;charset=UTF-8"
WAIT = 30               # for an event


# ---- Tuya's side of the protocol ----

def aes(key, data, *options):
    return subprocess.run(
        ["openssl", "enc", "-aes-128-ecb", "-K", key[:16].encode().hex(),
         *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def password(key):
    return hashlib.md5(key.encode()).hexdigest()[8:24]


def push(key, text):
    """A packet of protocol 2.2"""
    rest = struct.pack(">II", 1, 1) + aes(key, text.encode())
    return b"2.2" + struct.pack(">I", zlib.crc32(rest)) + rest


def authority(name):
    """The certificate as iot-dns has it"""
    lines = (BUILD / "certs" / f"{name}.pem").read_text().split("\n")
    return "".join(lines[1:-2])


class Device:
    """What is printed on one, and what its activation brings."""
    number = 0

    def __init__(self):
        Device.number += 1
        mark = f"{time.time_ns() % 10**9:09d}{Device.number:03d}"
        self.uuid = "uuid" + mark
        self.authkey = "AuthKey" + mark + "abcdefghijklm"
        self.dev_id = "dev" + mark
        self.sec_key = "Sec_" + mark
        self.local_key = "Loc_" + mark
        self.token = "To" + mark[-6:]

    def secrets(self):
        return [self.authkey, self.sec_key, self.local_key, self.token,
                password(self.authkey), password(self.sec_key)]

    def start(self):
        return f'AT+MQTTAUTHCFG=4,1,"{PRODUCT}","{self.uuid}","{self.authkey}"'


def event(number):
    return f"+MQTTAUTHEVENT: 4,{number}"


def login(port, who, key):
    return (f'+MQTTAUTHCFG: 4,"localhost",{port},"{who}","{password(key)}",'
            f'"{who}"')


class Cloud:
    def __init__(self):
        certs = BUILD / "certs"
        self.servers = clouds.Servers()
        self.dns = self.servers.http(atmqttd.TUYA_DNS, certs / "good")
        self.atop = self.servers.http(atmqttd.TUYA_ATOP, certs / "stranger")
        self.mqtt = self.servers.mqtt(atmqttd.TUYA_MQTT, certs / "stranger")
        self.known = self.servers.mqtt(atmqttd.TUYA_KNOWN, certs / "good")
        self.devices = []

    def forget(self):
        for server in self.dns, self.atop, self.mqtt, self.known:
            server.forget()

    def lookup(self, region=""):
        """iot-dns is asked."""
        request = self.dns.request()
        region = f'"region":"{region}",' if region else ""
        assert request.line == "POST /v2/url_config HTTP/1.1"
        assert request.headers["Content-Type"] == TYPE
        assert request.headers["Host"] == f"localhost:{atmqttd.TUYA_DNS}"
        assert request.body.decode() == (
            '{"config":[{"key":"httpsSelfUrl","need_ca":true},'
            f'{{"key":"mqttsSelfUrl","need_ca":true}}],{region}"env":"pro"}}')
        return request

    @staticmethod
    def servers_told(ca="ca2"):
        return json.dumps({
            "httpsSelfUrl": {
                "addr": f"https://localhost:{atmqttd.TUYA_ATOP}/d.json"},
            "mqttsSelfUrl": {"addr": f"localhost:{atmqttd.TUYA_MQTT}"},
            "caArr": [authority(ca)], "ttl": 600}).encode()

    def tell_servers(self, region=""):
        self.lookup(region).answer(self.servers_told())

    def session(self, who, key, topic, broker=None):
        session = (broker or self.mqtt).connect()
        assert (session.client_id, session.user) == (who, who)
        assert session.password == password(key)
        assert (session.keepalive, session.clean) == (120, True)
        session.connack()
        session.subscribe(topic.encode(), 1)
        return session

    def unbound(self, device, broker=None):
        """The device's session until the app comes."""
        return self.session("acon_" + device.uuid, device.authkey,
                            "d/ai/" + device.uuid, broker)

    def bound(self, device):
        return self.session(device.dev_id, device.sec_key,
                            "smart/device/in/" + device.dev_id)

    @staticmethod
    def scan(device, session, region="EU"):
        """The app's user has the device bound."""
        text = (f'{{"protocol":46,"t":1700000000,"data":{{"token":'
                f'"{device.token}","region":"{region}","env":"pro"}}}}')
        session.publish(b"d/ai/" + device.uuid.encode(),
                        push(device.authkey, text), 1)
        session.disconnected()

    def call(self, key, api, version, who):
        """ATOP is asked: the request, the plain text, its time."""
        request = self.atop.request()
        method, target, _ = request.line.split(" ")
        path, _, query = target.partition("?")
        params, _, sign = query.partition("&sign=")
        assert (method, path) == ("POST", "/d.json")
        moment = re.search(r"&t=(\d+)&", params)[1]
        wanted = [f"a={api}", *(f"devId={v}" for k, v in who if k == "devId"),
                  "et=1", f"t={moment}",
                  *(f"uuid={v}" for k, v in who if k == "uuid"),
                  f"v={version}"]
        assert params == "&".join(wanted)
        signed = "".join(w + "||" for w in wanted) + key
        assert sign == hashlib.md5(signed.encode()).hexdigest()
        assert request.headers["User-Agent"] == "TUYA_IOT_SDK"
        assert request.headers["Content-Type"] == TYPE
        assert re.fullmatch(rb"data=([0-9A-F]{32})+", request.body)
        data = bytes.fromhex(request.body[5:].decode())
        return request, aes(key, data, "-d").decode(), moment

    def activation(self, device, again=""):
        request, text, moment = self.call(
            device.authkey, "tuya.device.active", "4.4",
            [("uuid", device.uuid)])
        assert text == (
            f'{{"token":"{device.token}","softVer":"1.0.0",'
            f'"productKey":"{PRODUCT}","protocolVer":"2.2",'
            '"baselineVer":"40.07","options": "{\\"isFK\\":false}",'
            f'{again}"devAttribute":2048,"cadVer":"1.0.3","cdVer":"1.0.0",'
            f'"t":{moment}}}')
        return request

    def report(self, device):
        request, text, moment = self.call(
            device.sec_key, "tuya.device.versions.update", "4.1",
            [("devId", device.dev_id)])
        assert text == (
            '{"versions":"[{\\"otaChannel\\":0,\\"protocolVer\\":\\"2.2\\",'
            '\\"baselineVer\\":\\"40.07\\",\\"softVer\\":\\"1.0.0\\"}]",'
            f'"t":{moment}}}')
        return request

    @staticmethod
    def encrypted(key, answer):
        data = aes(key, json.dumps(answer).encode())
        return json.dumps({"result": base64.b64encode(data).decode(),
                           "t": 1700000000}).encode()

    def activated(self, device, **more):
        return self.encrypted(device.authkey, {
            "success": True, "t": 1700000000, "result": {
                "devId": device.dev_id, "secKey": device.sec_key,
                "localKey": device.local_key, "schemaId": "000001",
                "schema": "[]" * 2000, "stdTimeZone": "+08:00", **more}})


# ---- the tests' world ----

@pytest.fixture(scope="module")
def cloud(guest):
    cloud = Cloud()
    yield cloud
    cloud.servers.close()


def power_off(host):
    """Nothing runs behind this port any more."""
    host.write(b"\rAT+CFUN=15\r")
    host.match(rb".*\+SIM READY\r\n")


@pytest.fixture
def device(cloud, host):
    """A device of the first port's."""
    cloud.forget()
    cloud.devices.append(Device())
    yield cloud.devices[-1]
    power_off(host)
    cloud.servers.wait_closed()


@pytest.fixture
def device2(cloud, device, host2):
    """One of the second port's; it ends before the first one."""
    cloud.devices.append(Device())
    yield cloud.devices[-1]
    power_off(host2)


def stored(guest, device, number=0):
    return f"{guest.daemon.ttys[number]}.tuya.{device.uuid}"


def begin(host, cloud, device, answer=True):
    """Started; the app can come."""
    host.command(device.start(),
                 login(atmqttd.TUYA_KNOWN, "acon_" + device.uuid,
                       device.authkey), "OK", event(2))
    if not answer:
        return None
    cloud.tell_servers()
    return cloud.unbound(device)


def bind(host, cloud, device):
    """As far as the activation, which is not answered yet."""
    cloud.scan(device, begin(host, cloud, device))
    cloud.tell_servers("EU")
    host.result(event(3), WAIT)
    return cloud.activation(device)


def connect(host, cloud, device):
    """All the way."""
    bind(host, cloud, device).answer(cloud.activated(device))
    host.result(event(4), WAIT)
    cloud.report(device).answer(cloud.encrypted(device.sec_key,
                                                {"success": True}))
    session = cloud.bound(device)
    host.result(event(5), WAIT)
    return session


def ceer(host, text):
    host.command("AT+CEER", f'+CEER: "{text}"', "OK")


def end(host, session):
    host.command("AT+MQTTAUTHCFG=4,0", "OK")
    session.disconnected()
    host.result(event(6), WAIT)
    host.result(event(7), WAIT)


# ---- the way ----

def test_bound_connected_lost_and_stopped(guest, cloud, host, device):
    session = connect(host, cloud, device)
    file = stored(guest, device)
    assert guest.state.mode(file) == "600"
    kept = json.loads(guest.state.read(file))
    assert (kept["devId"], kept["secKey"], kept["localKey"]) == (
        device.dev_id, device.sec_key, device.local_key)
    assert not [name for name in guest.state.names() if name.endswith(".new")]
    for _ in range(2):
        session.close()
        host.result(event(6), WAIT)
        session = cloud.bound(device)
        host.result(event(5), WAIT)
    end(host, session)
    assert file in guest.state.names()
    cloud.mqtt.idle()
    host.quiet()


def test_a_restarted_daemon_only_connects(guest, daemon, cloud, host, device):
    session = connect(host, cloud, device)
    assert daemon.end("TERM") == 0
    session.closed()
    daemon.start()
    host.reset()
    host.command(device.start(),
                 login(atmqttd.TUYA_MQTT, device.dev_id, device.sec_key),
                 "OK")
    cloud.tell_servers("EU")
    session = cloud.bound(device)
    host.result(event(5), WAIT)
    end(host, session)


def test_removed_in_the_app(guest, cloud, host, device):
    session = connect(host, cloud, device)
    session.publish(b"smart/device/in/" + device.dev_id.encode(),
                    push(device.local_key, '{"protocol":11,"t":1,"data":'
                         f'{{"gwId":"{device.dev_id}"}}}}'), 1)
    host.result(event(1), WAIT)
    session.disconnected()
    host.result(event(2), WAIT)
    assert stored(guest, device) not in guest.state.names()
    # and bound again, as who it was
    cloud.tell_servers()
    cloud.scan(device, cloud.unbound(device))
    cloud.tell_servers("EU")
    host.result(event(3), WAIT)
    request = cloud.activation(device, again=f'"devId":"{device.dev_id}",')
    request.answer(cloud.activated(device))
    host.result(event(4), WAIT)
    assert stored(guest, device) in guest.state.names()


def test_removed_while_it_was_away(guest, cloud, host, device):
    connect(host, cloud, device).close()
    host.result(event(6), WAIT)
    session = cloud.mqtt.connect()
    assert session.client_id == device.dev_id
    session.connack(5)
    host.result(event(1), WAIT)
    host.result(event(2), WAIT)
    assert stored(guest, device) not in guest.state.names()
    cloud.tell_servers()
    cloud.unbound(device)
    ceer(host, "704: Tuya: MQTT: not authorized")


def test_reset_by_the_activation(guest, cloud, host, device):
    bind(host, cloud, device).answer(cloud.activated(device,
                                                     resetFactory=True))
    host.result(event(1), WAIT)
    host.result(event(2), WAIT)
    assert stored(guest, device) not in guest.state.names()


def test_two_ports_have_two_devices(guest, cloud, host, host2, device,
                                    device2):
    first = connect(host, cloud, device)
    second = connect(host2, cloud, device2)
    assert stored(guest, device) in guest.state.names()
    assert stored(guest, device2, 1) in guest.state.names()
    first.close()
    host.result(event(6), WAIT)
    first = cloud.bound(device)
    host.result(event(5), WAIT)
    end(host, first)
    host2.quiet()
    end(host2, second)
    host.quiet()


# ---- the host ----

def test_stopped_while_waiting_for_the_app(cloud, host, device):
    session = begin(host, cloud, device)
    host.command("AT+MQTTAUTHCFG=4,0", "OK")
    session.disconnected()
    host.result(event(7), WAIT)
    host.command("AT+MQTTAUTHCFG=4,0", "OK")
    host.quiet()


def test_a_restarted_host_hears_how_far_it_is(cloud, host, device):
    session = connect(host, cloud, device)
    host.command(device.start(),
                 login(atmqttd.TUYA_MQTT, device.dev_id, device.sec_key),
                 "OK", event(5))
    end(host, session)


def test_commands_are_answered_while_nobody_else_answers(cloud, host, device):
    """Through each phase: iot-dns, ATOP and the broker keep silent."""
    def others():
        for _ in range(20):
            host.command("AT+CSQ", "+CSQ: 31,99", "OK")

    begin(host, cloud, device, answer=False)
    request = cloud.lookup()
    others()
    request.answer(cloud.servers_told())
    session = cloud.mqtt.connect()
    others()
    session.connack()
    session.subscribe(b"d/ai/" + device.uuid.encode(), 1)
    cloud.scan(device, session)
    cloud.tell_servers("EU")
    host.result(event(3), WAIT)
    request = cloud.activation(device)
    others()
    request.answer(cloud.activated(device))
    host.result(event(4), WAIT)


def test_radio_off_and_on(cloud, host, device):
    session = connect(host, cloud, device)
    host.command("AT+CFUN=0", "OK", event(6))
    session.closed()
    cloud.mqtt.idle()
    host.command("AT+CFUN=1", "OK")
    session = cloud.bound(device)
    host.result(event(5), WAIT)
    end(host, session)


def test_restarted_module(cloud, host, device):
    """As without power: nothing is said, nothing is running."""
    session = connect(host, cloud, device)
    host.command("AT+CFUN=15", "OK", "AT command ready", "+SIM READY")
    session.closed()
    cloud.mqtt.idle()
    host.quiet()


# ---- servers that misbehave ----

def test_iot_dns_that_does_not_help(cloud, host, device):
    """The known servers are taken instead, and iot-dns asked again."""
    answers = [
        (lambda r: r.answer(b"", "500 Internal Server Error"),
         "HTTP status 500"),
        (lambda r: r.answer(b'{"httpsSelfUrl":'),
         "the answer is not understood"),
        (lambda r: r.answer(cloud.servers_told()[:-30] + b'%%%"]}'),
         "the answer is not understood"),
        (lambda r: r.close(), "closed by the server"),
    ]
    begin(host, cloud, device, answer=False)
    for answer, reason in answers:
        answer(cloud.lookup())
        session = cloud.known.connect()
        assert session.client_id == "acon_" + device.uuid
        ceer(host, f"Tuya: iot-dns: {reason}")
        session.connack(3)
    cloud.tell_servers()
    cloud.unbound(device)
    host.quiet()


def test_servers_under_another_authority(cloud, host, device):
    begin(host, cloud, device, answer=False)
    cloud.lookup().answer(cloud.servers_told("ca"))
    cloud.lookup().answer(cloud.servers_told())
    ceer(host, "Tuya: MQTT: certificate not trusted")
    cloud.scan(device, cloud.unbound(device))
    cloud.lookup("EU").answer(cloud.servers_told("ca"))
    host.result(event(3), WAIT)
    host.result(event(2), WAIT)
    ceer(host, "Tuya: activation: certificate not trusted")


def chunked(request, body):
    half = len(body) // 2
    request.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for part in body[:half], body[half:], b"":
        request.raw(b"%x\r\n%s\r\n" % (len(part), part))


@pytest.mark.parametrize("fault, reason", [
    (lambda c, d, r: None, "no answer in time"),
    (lambda c, d, r: r.answer(b"<html>", "502 Bad Gateway"),
     "HTTP status 502"),
    (lambda c, d, r: r.answer(c.activated(d)[:-40]),
     "the answer is not understood"),
    (lambda c, d, r: r.answer(c.encrypted(d.sec_key, {"success": True})),
     "the answer is not understood"),
    (lambda c, d, r: r.answer(c.encrypted(d.authkey, {
        "success": True, "result": {"devId": "x"}})),
     "the answer lacks something"),
    (lambda c, d, r: r.close(), "closed by the server"),
], ids=["silence", "502", "cut", "other key", "empty", "closed"])
def test_activation_fails(guest, cloud, host, device, fault, reason):
    """And is begun from the start."""
    fault(cloud, device, bind(host, cloud, device))
    host.result(event(2), WAIT)
    ceer(host, f"Tuya: activation: {reason}")
    assert stored(guest, device) not in guest.state.names()
    cloud.tell_servers()
    cloud.unbound(device)


def test_activation_is_refused_for_a_while(cloud, host, device):
    request = bind(host, cloud, device)
    for _ in range(2):
        request.answer(cloud.encrypted(device.authkey, {
            "success": False, "errorCode": "LATER\n<3>x",
            "errorMsg": "not yet"}))
        request = cloud.activation(device)
        ceer(host, "Tuya: activation: refused: LATER <3>x not yet")
    chunked(request, cloud.activated(device))
    host.result(event(4), WAIT)
    cloud.report(device).close()        # of no effect
    session = cloud.bound(device)
    host.result(event(5), WAIT)
    end(host, session)


def test_messages_that_are_none(guest, cloud, host, device):
    session = connect(host, cloud, device)
    good = push(device.local_key, '{"protocol":11,"data":{}}')
    for payload in (b"", b"2.2", good[:-1], b"3.3" + good[3:],
                    push(device.sec_key, '{"protocol":11,"data":{}}'),
                    push(device.local_key, '{"protocol":11,"data":{"gwId":'
                         '"somebody else"}}'),
                    push(device.local_key, '[{"protocol":11}]')):
        session.publish(b"smart/device/in/x", payload, 1)
    host.quiet()
    assert stored(guest, device) in guest.state.names()
    end(host, session)


def test_no_secret_is_in_the_log(guest, cloud):
    """Behind all others: at the level debug, which the tests run at."""
    log = (BUILD / "atmqttd.log").read_text(errors="replace")
    assert "Tuya: bind lookup -> bind open" in log
    assert cloud.devices
    assert "\n<3>x" not in log         # a line of somebody else's
    for device in cloud.devices:
        for secret in device.secrets():
            assert secret not in log
