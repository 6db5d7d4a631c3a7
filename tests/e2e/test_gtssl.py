# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""TLS by AT commands, and the options that are off by default.

    host -- AT+GTSSLFILE --> atmqttd == TLS ==> mosquitto 8886, which asks for
                                                a certificate of the bed's CA
                                    == TLS ==> a server that tells what it saw
"""
import copy
import json
import os
import pathlib
import subprocess

import pytest

import bed
from broker import Broker, Subscriber, publish, publishing, wait_port
from conftest import BUILD, connect, open_host, subscribe

TLS, MUTUAL, SERVER, BROKER = 2, 8886, 8893, 1985
HANDSHAKE_S = 20 if bed.EMULATED else 5     # a signature takes its time

# Neither port trusts the bed's authority before it was uploaded.
CONFIG = """
log_level = "debug"
runtime_dir = "{run}"
port "{ttys[0]}" {{
	model = "L610"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	boot_ms = 0
	announce_ms = 0
	imei = "861234567890123"
	tls_ca = "{ca}"
	tls_alpn = "x-other,mqtt"
	data_timeout_ms = 1000
	boot_ms = 0
	announce_ms = 0
	open_timeout_ms = {opening}
}}
port "{ttys[1]}" {{
	model = "L610"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	boot_ms = 0
	announce_ms = 0
	imei = "861234567890124"
	boot_ms = 0
	announce_ms = 0
	reconnect = yes
	max_payload = 16384
	keepalive_any = yes
	payload_format = "hex"
	tls_verify = always
}}
"""


def pem(name):
    run = pathlib.Path(os.environ["ATMQTT_BED"])
    return (run / "certs" / name).read_bytes()


@pytest.fixture(scope="module")
def own_daemon(guest):
    """In place of the other tests' daemon, with options of its own."""
    usual = guest.daemon
    usual.end("TERM")
    directory = BUILD / "gtssl"
    directory.mkdir(exist_ok=True)
    ca = BUILD / "certs" / "ca.pem"
    own = copy.copy(usual)
    own.config = directory / "atmqttd.conf"
    own.config.write_text(CONFIG.format(ttys=usual.ttys, ca=ca,
                                        run=f"{guest.state.path}/gtssl",
                                        opening=1000 * HANDSHAKE_S))
    own.log = open(directory / "atmqttd.log", "wb")
    own.start()
    guest.daemon = own
    yield own
    own.end("TERM")
    own.close()
    guest.daemon = usual
    usual.restart()
    no_key_in((directory / "atmqttd.log").read_bytes())


def no_key_in(log):
    assert b"client 1" in log
    for name in "client.key", "server.key", "wrong-ca.key":
        for line in pem(name).splitlines()[1:-1]:
            assert line not in log


@pytest.fixture
def host(guest, own_daemon):
    """As after power-on: nothing is uploaded."""
    host = open_host(guest, 0)
    host.command("AT+CFUN=15")
    host.drain(0.5)
    host.reset()
    files(host, 0, 0, 0, 0)
    yield host
    host.close()


@pytest.fixture
def host2(guest, own_daemon):
    host = open_host(guest, 1)
    yield host
    host.close()


def upload(host, name, data, answer="OK"):
    host.write(f'AT+GTSSLFILE="{name}",{len(data)}\r'.encode())
    host.expect(b"\r\n>\r\n")
    host.write(data)
    host.result(answer)


def reason(host):
    host.write(b"AT+CEER\r")
    return host.match(rb'\r\n\+CEER: "([^"\r]*)"\r\n\r\nOK\r\n')[1].decode()


def files(host, *counts):
    host.command("AT+GTSSLFILE?", *(
        f"+GTSSLFILE: {name},{count}" for name, count in
        zip(("TRUSTFILE", "CAFILE", "CERTFILE", "KEYFILE"), counts)), "OK")


def openssl(name, *argv):
    """One of the bed's files as openssl writes it."""
    return subprocess.run(["openssl", *argv], input=pem(name), check=True,
                          stdout=subprocess.PIPE).stdout


def refused(host, why, port=MUTUAL):
    connect(host, where="localhost", port=port, tls=TLS, status=0)
    assert reason(host) == f"{why} (localhost:{port})"


# ---- the client's certificate ----

FILES = [("CERTFILE", "KEYFILE"), ("CAFILE", "KEYFILE")]


@pytest.mark.parametrize("cert, key", FILES, ids=["CERTFILE", "CAFILE"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_log_in_with_an_uploaded_certificate(host, topic, cert, key, end):
    upload(host, "TRUSTFILE", pem("ca.pem").replace(b"\n", end))
    upload(host, cert, pem("client.pem").replace(b"\n", end))
    upload(host, key, pem("client.key").replace(b"\n", end))
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK", "+MQTTPUB: 1,1")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_the_order_of_uploads_does_not_matter(host):
    for name, file in (("KEYFILE", "client.key"), ("CERTFILE", "client.pem"),
                       ("CAFILE", "ca.pem")):
        upload(host, name, pem(file))
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


@pytest.mark.parametrize("cert, key, why", [
    (None, None, "client certificate required"),
    ("wrong-ca.pem", "wrong-ca.key",
     "client certificate not trusted by the broker"),
    ("client.pem", "server.key", "client key does not match its certificate"),
    ("client.pem", None, "client certificate without key"),
    (None, "client.key", "client key without certificate"),
])
def test_wrong_certificate(host, cert, key, why):
    upload(host, "TRUSTFILE", pem("ca.pem"))
    if cert:
        upload(host, "CERTFILE", pem(cert))
    if key:
        upload(host, "KEYFILE", pem(key))
    refused(host, why)


def test_wrong_authority(host):
    upload(host, "TRUSTFILE", pem("wrong-ca.pem"))
    upload(host, "CERTFILE", pem("client.pem"))
    upload(host, "KEYFILE", pem("client.key"))
    refused(host, "certificate not trusted")
    host.command("AT+GTSSLERR?", '+GTSSLERR: -11,"certificate not trusted '
                 f'(localhost:{MUTUAL})"', "OK")
    upload(host, "TRUSTFILE", pem("ca.pem"))
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.write(b"AT+GTSSLCIPHER?\r")
    host.match(rb'\r\n\+GTSSLCIPHER: 1,"TLSv1\.3 TLS_\w+"\r\n'
               rb"\r\nOK\r\n")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


KEYS = {
    "PKCS8": ("pkcs8", "-topk8", "-nocrypt", "-outform", "DER"),
    "traditional": ("pkey", "-traditional", "-outform", "DER"),
    "PEM": ("pkey", "-traditional"),
}


@pytest.mark.parametrize("key", KEYS)
def test_der_files_and_two_authorities(host, topic, key):
    """Of the authorities the second vouches, the first is not in its way."""
    upload(host, "TRUSTFILE", pem("wrong-ca.pem"))
    for _ in range(2):
        upload(host, "TRUSTFILE", openssl("ca.pem", "x509", "-outform", "DER"))
    upload(host, "CERTFILE",
           openssl("client.pem", "x509", "-outform", "DER"))
    upload(host, "KEYFILE", openssl("client.key", *KEYS[key]))
    files(host, 2, 0, 1, 1)
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.command(f'AT+MQTTPUB=1,"{topic}",1,0,"x"', "OK", "+MQTTPUB: 1,1")
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_an_old_authority_does_not_spoil_the_rest(host):
    upload(host, "TRUSTFILE", pem("expired.pem") + pem("ca.pem"))
    upload(host, "CERTFILE", pem("client.pem"))
    upload(host, "KEYFILE", pem("client.key"))
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_text_around_the_certificates(host):
    """As openssl s_client and editors leave it."""
    text = openssl("ca.pem", "x509", "-text")
    upload(host, "TRUSTFILE", b"\xef\xbb\xbf" + text.rstrip() + b"\0")
    upload(host, "CERTFILE", pem("client.key") + pem("client.pem"))
    upload(host, "KEYFILE", pem("client.pem") + pem("client.key"))
    connect(host, where="localhost", port=MUTUAL, tls=TLS)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_without_an_upload_the_configured_authority_counts(host):
    refused(host, "certificate not trusted", 8883)


# ---- what arrives ----

@pytest.mark.parametrize("name, make, why", [
    ("TRUSTFILE", lambda: b"x" * 700, "TRUSTFILE: no certificate"),
    ("CAFILE", lambda: pem("ca.pem")[:-30],
     "CAFILE: certificate is cut short"),
    ("CERTFILE", lambda: pem("client.pem").replace(b"MI", b"!!", 1),
     "CERTFILE: certificate is damaged"),
    ("KEYFILE", lambda: pem("client.pem"), "KEYFILE: no key"),
    ("KEYFILE", lambda: pem("client.key")[:100] + pem("client.key")[110:],
     "KEYFILE: key is damaged"),
])
def test_broken_file(host, name, make, why):
    upload(host, name, make(), "ERROR")
    assert reason(host) == f"50: {why}"


def test_upload_that_ends_early(host):
    data = pem("ca.pem")
    host.write(f'AT+GTSSLFILE="TRUSTFILE",{len(data)}\r'.encode())
    host.expect(b"\r\n>\r\n")
    host.write(data[:100])
    host.result("ERROR", timeout=10)
    assert reason(host) == f"50: 100 of {len(data)} bytes came"
    upload(host, "TRUSTFILE", data)


def test_largest_file(host):
    """Up to the last byte allowed; an authority counts once."""
    data = pem("ca.pem") * (16384 // len(pem("ca.pem")))
    upload(host, "TRUSTFILE", data + b"\n" * (16384 - len(data)))
    files(host, 1, 0, 0, 0)
    host.command('AT+GTSSLFILE="TRUSTFILE",16385', "ERROR")


# ---- verification, versions, SNI, ALPN ----

def test_verification_can_be_turned_off(host, own_daemon):
    refused(host, "certificate not trusted", 8883)
    host.command("AT+GTSSLMODE=0")
    connect(host, where="localhost", port=8883, tls=TLS)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    assert b"verification of TLS servers off" in \
        (own_daemon.config.parent / "atmqttd.log").read_bytes()
    host.command("AT+GTSSLMODE=1")
    refused(host, "certificate not trusted", 8883)


def test_the_operator_may_demand_verification(host2):
    host2.command("AT+GTSSLMODE=0", "ERROR")
    host2.command("AT+CEER",
                  '+CEER: "3: TLS servers are verified, the configuration '
                  'says"', "OK")
    refused(host2, "certificate not trusted", 8883)


# Takes one client after the other, tells what its hello said, accepts its
# MQTT CONNECT and waits for it to go.
WITNESS = r"""
import json, socket, ssl, sys
cert, key, port, highest = sys.argv[1:]
seen = {}
def on_name(connection, name, context):
    seen["name"] = name
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
context.maximum_version = ssl.TLSVersion[highest]
context.set_alpn_protocols(["mqtt"])
context.sni_callback = on_name
listener = socket.create_server(("127.0.0.1", int(port)))
while True:
    client = listener.accept()[0]
    seen.clear()
    try:
        client = context.wrap_socket(client, server_side=True)
        client.recv(1024)
        client.sendall(b"\x20\x02\x00\x00")
        print(json.dumps({"name": seen.get("name"), "version":
                          client.version(), "alpn":
                          client.selected_alpn_protocol()}), flush=True)
        while client.recv(1024):
            pass
    except OSError:
        pass
    client.close()
"""


@pytest.fixture(params=["TLSv1_3", "TLSv1_2"])
def witness(guest, request):
    """A port each: a server does not change its version under sessions."""
    certs = pathlib.Path(os.environ["ATMQTT_BED"]) / "certs"
    port = SERVER + (request.param == "TLSv1_2")
    process = bed.popen("python3", "-S", "-c", WITNESS, certs / "server.pem",
                        certs / "server.key", port, request.param,
                        stdout=-1)
    wait_port(port)
    process.port = port
    process.highest = request.param
    yield process
    process.kill()
    process.wait()
    bed.signal("KILL", *bed.pids("python3", "-S", "-c"))


@pytest.mark.parametrize("where, name", [("broker.test", "broker.test"),
                                         ("127.0.0.1", None)])
def test_server_name_and_alpn(host, witness, where, name):
    """SNI has names only, RFC 6066 3."""
    upload(host, "TRUSTFILE", pem("ca.pem"))
    connect(host, where=where, port=witness.port, tls=TLS)
    assert json.loads(witness.stdout.readline()) == {
        "name": name, "alpn": "mqtt",
        "version": witness.highest.replace("_", ".")}
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_lowest_version(host, witness):
    upload(host, "TRUSTFILE", pem("ca.pem"))
    host.command("AT+GTSSLVER=5")
    if witness.highest == "TLSv1_2":
        refused(host, "TLS version not supported by the broker",
                witness.port)
        host.command("AT+GTSSLVER=4")
    connect(host, where="localhost", port=witness.port, tls=TLS)
    host.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


# ---- reconnect ----

@pytest.fixture
def own_broker(guest):
    broker = Broker(BUILD, f"listener {BROKER} 127.0.0.1\n", BROKER)
    yield broker
    broker.close()


def in_hex(topic):
    """As this port's payload_format has it."""
    return topic.encode().hex().upper()


def test_a_link_comes_back_when_the_broker_does(host2, own_broker, topic):
    connect(host2, port=BROKER)
    subscribe(host2, topic)
    for _ in range(2):
        own_broker.stop()
        host2.result("+MQTTBREAK: 1,1")
        host2.command(f'AT+MQTTPUB=1,"{topic}",0,0,"x"', "ERROR")
        host2.command("AT+MQTTCLOSE?", "+MQTTCLOSE: 0", "OK")
        own_broker.start()
        host2.result("+MQTTOPEN: 1,1", timeout=20)
        publish(topic, b"back", port=BROKER)
        host2.result(f'+MQTTMSG: 1,0,"{in_hex(topic)}","6261636B"')
    host2.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


def test_close_ends_the_tries(host2, own_broker):
    connect(host2, port=BROKER)
    own_broker.stop()
    host2.result("+MQTTBREAK: 1,1")
    host2.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    own_broker.start()
    host2.quiet(3)
    connect(host2, port=BROKER)
    host2.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")


# ---- options ----

def test_large_payload_and_no_pings(host2, topic):
    payload = bytes(range(256)) * 64
    connect(host2, keepalive=0)
    subscribe(host2, topic)
    listener = Subscriber(topic)
    host2.write(f'AT+MQTTPUB=1,"{topic}",1,0,{len(payload)}\r'.encode())
    host2.expect(b"\r\n>\r\n")
    host2.write(payload)
    host2.result("OK")
    host2.result("+MQTTPUB: 1,1")
    listener.expect(topic, payload, 1)
    listener.close()
    host2.quiet(0.5)        # twice as long in hex: it does not fit
    with publishing(topic, payload[:15950]):
        host2.result(f'+MQTTMSG: 1,0,"{in_hex(topic)}",'
                     f'"{payload[:15950].hex().upper()}"', timeout=20)
    host2.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
