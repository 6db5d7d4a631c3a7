# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Logins and registrations at clouds that the tests play.

    test = host MCU ── UART ── atmqttd ── MQTT, HTTPS ── the test again

What a cloud computes is computed here from the vendors' documents, and
nothing of it is taken from the daemon.
"""
import base64
import hashlib
import hmac
import json
import re
import subprocess
import time
import types

import pytest

import atmqttd
import bed
import clouds
import idle
from broker import Broker
from conftest import BUILD, connect

CERTS = BUILD / "certs"
ALIBABA, ALIBABA_HTTPS, STRANGER, TENCENT, TENCENT_HTTPS, PASTE, MUTUAL = range(
    9452, 9459)
WAIT = 3 * atmqttd.REGISTRATION_S

# Distinct, so that the log can be searched for them.
PRODUCT_SECRET = "pr0ductSecret4711"
DEVICE_SECRET = "dev1ceSecret4712"
KEY = base64.b64encode(b"keyInBase64-4713").decode()
TOKEN = "t0ken4714"
SECRETS = [PRODUCT_SECRET, DEVICE_SECRET, KEY, TOKEN]


@pytest.fixture(scope="module")
def cloud(guest):
    servers = clouds.Servers()
    yield types.SimpleNamespace(
        alibaba=servers.mqtt(ALIBABA, CERTS / "good"),
        alibaba_https=servers.http(ALIBABA_HTTPS, CERTS / "good"),
        stranger=servers.mqtt(STRANGER, CERTS / "stranger"),
        tencent=servers.http(TENCENT),
        tencent_https=servers.http(TENCENT_HTTPS, CERTS / "good"),
        unicom=servers.mqtt(atmqttd.UNICOM),
        paste=servers.mqtt(PASTE))
    servers.close()


@pytest.fixture
def mcu(cloud, host):
    """The first port; at the end nothing is under way, as after power-off."""
    for server in vars(cloud).values():
        server.forget()
    yield host
    host.write(b"\rAT+CFUN=15\r")
    host.match(rb".*\+SIM READY\r\n")


def ceer(host, text):
    host.command("AT+CEER", f'+CEER: "{text}"', "OK")


def sign(key, text, method="sha256"):
    if isinstance(key, str):
        key = key.encode()
    return hmac.new(key, text.encode(), method)


def others(host):
    """Commands are answered while a registration waits."""
    for _ in range(10):
        host.command("AT+CSQ", "+CSQ: 31,99", "OK")


# ---- logins ----

def check_alibaba(user, password, client_id):
    assert user == "dn&pk"
    start, ext, end = client_id.split("|")
    members = dict(member.split("=") for member in ext.split(","))
    assert (start, end, members["securemode"]) == ("pk.dn", "", "3")
    method = members["signmethod"].removeprefix("hmac")
    content = ("clientId" + start + "deviceNamedn" + "productKeypk"
               + "timestamp" + members["timestamp"])
    assert password == sign(DEVICE_SECRET, content, method).hexdigest()


def check_tencent(user, password, client_id):
    assert client_id == "PRODUCT001dn"
    who, app, connection, expiry = user.split(";")
    assert (who, app) == (client_id, "12010126")
    assert re.fullmatch("[A-Za-z0-9]{5}", connection)
    assert abs(int(expiry) - time.time() - 3600) < 600
    assert password == (sign(base64.b64decode(KEY), user).hexdigest()
                        + ";hmacsha256")


def check_huawei(user, password, client_id):
    assert user == "pid_dn"
    moment = re.fullmatch("pid_dn_0_0_([0-9]{10})", client_id)[1]
    seconds = time.mktime(time.strptime(moment, "%Y%m%d%H")) - time.timezone
    assert -60 < time.time() - seconds < 3660
    assert password == sign(moment, DEVICE_SECRET).hexdigest()


def check_onenet(user, password, client_id):
    assert (user, client_id) == ("pid", "d/n")
    found = re.fullmatch("version=2018-10-31&res=products%2Fpid%2Fdevices%2Fd"
                         "%2Fn&et=([0-9]+)&method=(md5|sha1|sha256)"
                         "&sign=([A-Za-z0-9%]+)", password)
    text = f"{found[1]}\n{found[2]}\nproducts/pid/devices/d/n\n2018-10-31"
    made = base64.b64encode(sign(base64.b64decode(KEY), text,
                                 found[2]).digest()).decode()
    for char, code in ("+", "%2B"), ("/", "%2F"), ("=", "%3D"):
        made = made.replace(char, code)
    assert found[3] == made
    assert int(found[1]) > time.time()


def check_baidu(user, password, client_id):
    assert (user, client_id) == ("thingidp@core|dk|0|MD5", "dk")
    assert password == hashlib.md5(
        b"dk&0&MD5" + DEVICE_SECRET.encode()).hexdigest()


def check_aep(user, password, client_id):
    assert (user, password, client_id) == ("aep_test", TOKEN,
                                           "15357005dev001")


def check_unicom(user, password, client_id):
    assert (user, client_id) == ("dk|pk", "dk|pk|0|0|0")
    assert password == sign(DEVICE_SECRET, "dkdkpk").hexdigest()


def check_unicom_token(user, password, client_id):
    assert (user, password, client_id) == ("dk|pk", TOKEN, "dk|pk|0|-2|0")


@pytest.mark.parametrize("line, check", [
    (f'1,"pk","dn","{DEVICE_SECRET}",0', check_alibaba),
    (f'2,"PRODUCT001","dn","{KEY}"', check_tencent),
    (f'3,"pid_dn","{DEVICE_SECRET}"', check_huawei),
    (f'5,"pid","d/n","{KEY}"', check_onenet),
    (f'6,"core","dk","{DEVICE_SECRET}"', check_baidu),
    (f'8,"15357005","dev001","{TOKEN}","aep_test"', check_aep),
    (f'9,"pk","dk","{DEVICE_SECRET}",""', check_unicom),
    (f'9,"pk","dk","","{TOKEN}"', check_unicom_token),
], ids=lambda value: getattr(value, "__name__", "")[6:])
def test_login_is_good_for_a_session(cloud, mcu, line, check):
    """What AUTHCFG prints is pasted behind MQTTUSER=1."""
    mcu.write(f"AT+MQTTAUTHCFG={line}\r".encode())
    login = mcu.match(rb'\r\n\+MQTTAUTHCFG: [1-9],("[^\r]*")\r\n\r\nOK\r\n')[1]
    mcu.command("AT+MQTTUSER=1," + login.decode())
    mcu.command(f'AT+MQTTOPEN=1,"127.0.0.1",{PASTE},1,60')
    session = cloud.paste.connect()
    check(session.user, session.password, session.client_id)
    session.connack()
    mcu.result("+MQTTOPEN: 1,1")
    mcu.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_aws_logs_in_by_certificate(mcu):
    mcu.command("AT+MQTTAUTHCFG=7", "OK")


# ---- Alibaba ----

def alibaba(host="iot-as-mqtt.cn-shanghai.aliyuncs.com", port=ALIBABA):
    return (f'AT+MQTTAUTHDYN=1,"{host}",{port},"pk","{PRODUCT_SECRET}","dn"')


ALIBABA_DONE = f'+MQTTAUTHDYN: 1,"pk","dn","{DEVICE_SECRET}"'
ALIBABA_FAILED = '+MQTTAUTHDYN: 1,"","",""'
GRANT = {"productKey": "pk", "deviceName": "dn",
         "deviceSecret": DEVICE_SECRET}


def alibaba_session(cloud):
    session = cloud.alibaba.connect()
    start, ext, end = session.client_id.split("|")
    members = dict(member.split("=") for member in ext.split(","))
    assert (start, end) == ("pk.dn", "")
    random = members.pop("random")
    assert members == {"authType": "register", "signmethod": "hmacsha256",
                       "securemode": "2"}
    assert session.user == "dn&pk"
    assert session.password == sign(
        PRODUCT_SECRET, f"deviceNamednproductKeypkrandom{random}").hexdigest()
    assert session.clean
    return session


def test_alibaba(cloud, mcu):
    mcu.command(alibaba())
    session = alibaba_session(cloud)
    others(mcu)
    mcu.command(alibaba(), "+CME ERROR: 3")
    session.connack()
    others(mcu)
    session.publish(b"/ext/register", json.dumps(GRANT).encode(), 1)
    session.disconnected()
    mcu.result(ALIBABA_DONE, WAIT)


@pytest.mark.parametrize("fault, reason", [
    (lambda s: s.connack(4), "703: alibaba: bad user name or password"),
    (lambda s: s.connack(5), "704: alibaba: not authorized"),
    (lambda s: s.close(), "alibaba: "),
    (lambda s: (s.connack(), s.close()), "alibaba: "),
    (lambda s: s.connack(), "alibaba: no answer"),
    (lambda s: (s.connack(), s.publish(b"/ext/register", b'{"productKey":')),
     "alibaba: the answer is not JSON"),
    (lambda s: (s.connack(), s.publish(b"/ext/register", json.dumps(
        {**GRANT, "productKey": "other"}).encode())),
     "alibaba: the answer is for another device"),
], ids=["703", "704", "closed", "closed later", "silence", "JSON", "other"])
def test_alibaba_fails(cloud, mcu, fault, reason):
    mcu.command(alibaba())
    fault(alibaba_session(cloud))
    mcu.result(ALIBABA_FAILED, WAIT)
    mcu.write(b"AT+CEER\r")
    said = mcu.match(rb'\r\n\+CEER: "([^\r]+)"\r\n\r\nOK\r\n')[1].decode()
    assert said.startswith(reason)


def test_alibabas_server_must_be_trusted(cloud, mcu):
    mcu.command(alibaba(port=STRANGER))
    mcu.result(ALIBABA_FAILED, WAIT)
    ceer(mcu, "alibaba: certificate not trusted")


def alibaba_request(cloud):
    request = cloud.alibaba_https.request()
    assert request.line == "POST /auth/register/device HTTP/1.1"
    assert (request.headers["Content-Type"]
            == "application/x-www-form-urlencoded")
    members = dict(m.split("=") for m in request.body.decode().split("&"))
    random = members["random"]
    assert members == {
        "productKey": "pk", "deviceName": "dn", "random": random,
        "signMethod": "hmacsha256", "sign": sign(
            PRODUCT_SECRET,
            f"deviceNamednproductKeypkrandom{random}").hexdigest()}
    return request


def chunked(request, body, parts=2, pause=0.0):
    size = len(body) // parts + 1
    request.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(body), size):
        part = body[at:at + size]
        request.raw(b"%x\r\n%s\r\n" % (len(part), part))
        time.sleep(pause)
    request.raw(b"0\r\n\r\n")


HTTPS = alibaba("iot-auth.cn-shanghai.aliyuncs.com", ALIBABA_HTTPS)
GOOD = json.dumps({"code": 200, "data": GRANT, "message": "success"}).encode()


@pytest.mark.parametrize("answer", [
    lambda r: r.answer(GOOD),
    lambda r: chunked(r, GOOD),
    lambda r: chunked(r, GOOD, 10, 0.05),
], ids=["whole", "chunked", "slow"])
def test_alibaba_by_https(cloud, mcu, answer):
    mcu.command(HTTPS)
    request = alibaba_request(cloud)
    others(mcu)
    answer(request)
    mcu.result(ALIBABA_DONE, WAIT)


@pytest.mark.parametrize("fault, reason", [
    (lambda r: r.answer(b'{"code":6289,"message":"device is already active"}'),
     "refused: 6289 device is already active"),
    (lambda r: r.answer(GOOD[:-20]), "the answer is not JSON"),
    (lambda r: r.answer(GOOD, "500 Internal Server Error"),
     "HTTP status 500"),
    (lambda r: r.close(), "closed by the server"),
], ids=["refused", "JSON", "500", "closed"])
def test_alibaba_fails_by_https(cloud, mcu, fault, reason):
    mcu.command(HTTPS)
    fault(alibaba_request(cloud))
    mcu.result(ALIBABA_FAILED, WAIT)
    ceer(mcu, f"alibaba: {reason}")


# ---- Tencent ----

def tencent(url):
    return f'AT+MQTTAUTHDYN=2,"{url}","PRODUCT001","{PRODUCT_SECRET}","dn"'


CURRENT = tencent(f"http://localhost:{TENCENT}/device/register")
BY_TLS = tencent(f"https://localhost:{TENCENT_HTTPS}/device/register")
LEGACY = tencent(f"http://localhost:{TENCENT}/register/dev")


def encrypted(plain):
    """As the product's secret decrypts it: its size and the payload."""
    data = json.dumps(plain).encode()
    padded = data + bytes(-len(data) % 16)
    out = subprocess.run(
        ["openssl", "enc", "-aes-128-cbc", "-nopad", "-iv", (b"0" * 16).hex(),
         "-K", PRODUCT_SECRET[:16].encode().hex()], input=padded,
        stdout=subprocess.PIPE, check=True).stdout
    return len(data), base64.b64encode(out).decode()


def response(plain):
    size, payload = encrypted(plain)
    return json.dumps({"Response": {"Len": size, "Payload": payload,
                                    "RequestId": "1"}}).encode()


PSK = {"encryptionType": 2, "psk": KEY}


def tencent_request(server, port):
    request = server.request()
    body = '{"ProductId":"PRODUCT001","DeviceName":"dn"}'
    headers = request.headers
    assert request.line == "POST /device/register HTTP/1.1"
    assert request.body.decode() == body
    assert headers["Host"] == f"localhost:{port}"
    assert headers["Content-Type"].startswith("application/json")
    assert headers["X-TC-Algorithm"] == "hmacsha256"
    assert abs(int(headers["X-TC-Timestamp"]) - time.time()) < 600
    assert int(headers["X-TC-Nonce"]) > 0
    text = "\n".join([
        "POST", headers["Host"], "/device/register", "", "hmacsha256",
        headers["X-TC-Timestamp"], headers["X-TC-Nonce"],
        hashlib.sha256(body.encode()).hexdigest()])
    assert headers["X-TC-Signature"] == base64.b64encode(
        sign(PRODUCT_SECRET, text).digest()).decode()
    return request


def legacy_request(cloud):
    request = cloud.tencent.request()
    assert request.line == "POST /register/dev HTTP/1.1"
    body = json.loads(request.body)
    text = (f"deviceName=dn&nonce={body['nonce']}&productId=PRODUCT001"
            f"&timestamp={body['timestamp']}")
    made = base64.b64encode(
        sign(PRODUCT_SECRET, text, "sha1").hexdigest().encode()).decode()
    assert request.body.decode() == (
        f'{{"deviceName":"dn","nonce":{body["nonce"]},'
        f'"productId":"PRODUCT001","timestamp":{body["timestamp"]},'
        f'"signature":"{made}"}}')
    return request


@pytest.mark.parametrize("answer", [
    lambda r, body: r.answer(body),
    lambda r, body: chunked(r, body),
    lambda r, body: chunked(r, body, 10, 0.05),
], ids=["whole", "chunked", "slow"])
def test_tencent_gives_a_key(cloud, mcu, answer):
    mcu.command(CURRENT)
    request = tencent_request(cloud.tencent, TENCENT)
    others(mcu)
    answer(request, response(PSK))
    mcu.result(f'+MQTTAUTHDYN: 2,2,"{KEY}"', WAIT)


def test_tencent_by_https(cloud, mcu):
    mcu.command(BY_TLS)
    tencent_request(cloud.tencent_https, TENCENT_HTTPS).answer(response(PSK))
    mcu.result(f'+MQTTAUTHDYN: 2,2,"{KEY}"', WAIT)


def test_tencent_as_it_was(cloud, mcu):
    mcu.command(LEGACY)
    size, payload = encrypted(PSK)
    legacy_request(cloud).answer(json.dumps(
        {"code": 0, "message": "", "len": size, "payload": payload}).encode())
    mcu.result(f'+MQTTAUTHDYN: 2,2,"{KEY}"', WAIT)


def truncated(body):
    reply = json.loads(body)
    reply["Response"]["Payload"] = reply["Response"]["Payload"][:-10]
    return json.dumps(reply).encode()


@pytest.mark.parametrize("fault, reason", [
    (lambda r: None, "no answer in time"),
    (lambda r: r.answer(b'{"Response":{"Error":{"Code":"NoDevice",'
                        b'"Message":"who?"},"RequestId":"1"}}'),
     "refused: NoDevice who?"),
    (lambda r: r.answer(response(PSK), "500 Internal Server Error"),
     "HTTP status 500"),
    (lambda r: r.answer(response(PSK)[:-2]), "the answer is not JSON"),
    (lambda r: r.answer(truncated(response(PSK))),
     "the answer cannot be decrypted"),
    (lambda r: r.answer(response({"encryptionType": 2})),
     "the answer has no key"),
    (lambda r: r.close(), "closed by the server"),
], ids=["silence", "refused", "500", "JSON", "base64", "no key", "closed"])
def test_tencent_fails(cloud, mcu, fault, reason):
    mcu.command(CURRENT)
    fault(tencent_request(cloud.tencent, TENCENT))
    mcu.result("+MQTTAUTHDYN: 2,0", WAIT)
    ceer(mcu, f"tencent: {reason}")


@pytest.fixture
def mutual(guest):
    """A broker that wants to see a certificate of its clients."""
    broker = Broker(BUILD, f"listener {MUTUAL} 127.0.0.1\n"
                    f"cafile {CERTS / 'ca'}.pem\n"
                    f"certfile {CERTS / 'good'}.pem\n"
                    f"keyfile {CERTS / 'good'}.key\n"
                    "require_certificate true\n", MUTUAL)
    yield broker
    broker.close()


def test_tencents_certificate_is_for_the_next_open(guest, cloud, mcu, mutual):
    def open_link(status):
        connect(mcu, where="localhost", port=MUTUAL, tls=2, status=status)
        if status:
            mcu.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")

    file = f"{guest.daemon.ttys[0]}.tencent"
    open_link(0)
    mcu.command(CURRENT)
    tencent_request(cloud.tencent, TENCENT).answer(response({
        "encryptionType": 1, "clientCert": (CERTS / "good.pem").read_text(),
        "clientKey": (CERTS / "good.key").read_text()}))
    mcu.result("+MQTTAUTHDYN: 2,1", WAIT)
    open_link(1)
    assert guest.state.mode(file) == "600"
    mcu.command("AT+CFUN=15", "OK", "AT command ready", "+SIM READY")
    mcu.reset()
    open_link(1)
    # a device that has a key has no certificate any more
    mcu.command(CURRENT)
    tencent_request(cloud.tencent, TENCENT).answer(response(PSK))
    mcu.result(f'+MQTTAUTHDYN: 2,2,"{KEY}"', WAIT)
    assert file not in guest.state.names()
    open_link(0)


# ---- Unicom ----

def unicom(clear, mode, device="dk"):
    return (f'AT+MQTTAUTHDYN=3,"pk","{PRODUCT_SECRET}","{device}",{clear},'
            f'{mode}')


UNICOM_FAILED = "+MQTTAUTHDYN: 3,1,,"
NAMES = {1: b"regist", 2: b"autoregist"}


def unicom_session(cloud, mode):
    session = cloud.unicom.connect()
    assert session.client_id == f"dk|pk|0|{mode}|0"
    assert session.user == "dk|pk"
    assert session.password == sign(PRODUCT_SECRET, "dkdkpk").hexdigest()
    session.connack()
    session.subscribe(b"$sys/pk/dk/ext/" + NAMES[mode], 1)
    session.subscribe(b"$sys/pk/dk/ext/error", 1)
    return session


def grant(session, mode, answer):
    """Gives it out; the acknowledgement and the reply come in any order."""
    topic = b"$sys/pk/dk/ext/" + NAMES[mode]
    session.publish(topic, json.dumps({"messageId": "7", **answer}).encode(),
                    1, wait=False)
    replies = dict(session.next() for _ in range(2))
    assert replies == {
        clouds.PUBACK: b"\0\1",
        clouds.PUBLISH: clouds.string(topic + b"_reply")
        + b'{"messageId":"7","code":"000000","message":"success"}'}
    session.disconnected()


@pytest.mark.parametrize("answer", [
    {"params": {"deviceSecret": DEVICE_SECRET}},
    {"code": "000000", "message": "Success",
     "data": {"productKey": "pk", "deviceKey": "dk",
              "deviceSecret": DEVICE_SECRET}},
    {"deviceSecret": DEVICE_SECRET},
], ids=["params", "data", "flat"])
def test_unicom_gives_a_secret(cloud, mcu, answer):
    mcu.command(unicom(1, 1))
    session = unicom_session(cloud, 1)
    others(mcu)
    grant(session, 1, answer)
    mcu.result(f'+MQTTAUTHDYN: 3,0,"{DEVICE_SECRET}",""', WAIT)


def test_unicom_gives_a_token_once(guest, cloud, mcu):
    """It is told again, also by the next daemon, until clearflag."""
    file = f"{guest.daemon.ttys[0]}.unicom"
    mcu.command(unicom(1, 2))
    grant(unicom_session(cloud, 2), 2, {"params": {"token": TOKEN}})
    told = f'+MQTTAUTHDYN: 3,0,"","{TOKEN}"'
    mcu.result(told, WAIT)
    assert guest.state.mode(file) == "600"
    mcu.command(unicom(0, 2), "OK", told)
    guest.daemon.restart()
    mcu.reset()
    mcu.command(unicom(0, 2), "OK", told)
    cloud.unicom.idle()

    mcu.command(unicom(1, 2))
    unicom_session(cloud, 2).close()
    mcu.result(UNICOM_FAILED, WAIT)
    assert file not in guest.state.names()


@pytest.mark.parametrize("topic, payload, reason", [
    (b"regist", b"<html>", "the answer is not JSON"),
    (b"regist", b'{"params":{}}', "the answer has no secret"),
    (b"regist", b'{"code":"000017","message":"unknown"}',
     "refused: 000017 unknown"),
    (b"error", b'{"code":"000018","message":"full"}', "refused: 000018 full"),
    (b"other", b'{"deviceSecret":"s"}', "no answer"),
], ids=["JSON", "empty", "refused", "error", "silence"])
def test_unicom_fails(guest, cloud, mcu, topic, payload, reason):
    mcu.command(unicom(1, 1))
    session = unicom_session(cloud, 1)
    session.publish(b"$sys/pk/dk/ext/" + topic, payload)
    mcu.result(UNICOM_FAILED, WAIT)
    ceer(mcu, f"unicom: {reason}")
    assert f"{guest.daemon.ttys[0]}.unicom" not in guest.state.names()


# ---- the port ----

@pytest.mark.skipif(bed.EMULATED, reason="an emulated processor is slower")
@pytest.mark.parametrize("registration", [
    alibaba(), HTTPS, CURRENT, BY_TLS, unicom(0, 1)
], ids=["MQTT", "HTTPS", "HTTP", "HTTPS, Tencent", "plain MQTT"])
def test_others_answer_within_20_ms_meanwhile(cloud, mcu, registration):
    """From the start on: names, handshakes, and a server that is silent."""
    mcu.command(registration)
    assert idle.late(mcu, b"AT+CSQ\r", b"\r\n+CSQ: 31,99\r\n\r\nOK\r\n",
                     200) == 0


def test_restarted_module_forgets(cloud, mcu):
    mcu.command(alibaba())
    mcu.command(CURRENT)
    session = alibaba_session(cloud)
    request = tencent_request(cloud.tencent, TENCENT)
    mcu.command("AT+CFUN=15", "OK", "AT command ready", "+SIM READY")
    session.closed()
    cloud.tencent.next("close", connection=request.number)
    mcu.quiet()


def test_radio_off_ends_registrations(cloud, mcu):
    mcu.command(CURRENT)
    request = tencent_request(cloud.tencent, TENCENT)
    mcu.command("AT+CFUN=0", "OK", "+MQTTAUTHDYN: 2,0")
    ceer(mcu, "30: tencent: uplink is off (+CFUN)")
    cloud.tencent.next("close", connection=request.number)
    mcu.command(CURRENT, "OK", "+MQTTAUTHDYN: 2,0")
    mcu.command("AT+CFUN=1")


def test_daemon_ends_during_registrations(guest, cloud, mcu):
    mcu.command(alibaba())
    mcu.command(CURRENT)
    session = alibaba_session(cloud)
    tencent_request(cloud.tencent, TENCENT)
    assert guest.daemon.end("TERM") == 0
    session.closed()
    guest.daemon.start()
    mcu.reset()


def test_no_secret_is_in_the_log(guest):
    """Behind all others: at the level debug, which the tests run at."""
    log = (BUILD / "atmqttd.log").read_text(errors="replace")
    assert "registration at alibaba: not authorized" in log
    for secret in SECRETS:
        assert secret not in log
