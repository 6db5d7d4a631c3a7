# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The end-to-end tests' world: one bed for all of them.

    test ── pty ══ UART ══ n_at ── netlink ── atmqttd ── TCP ── mosquitto
      └──────────────── bed exec: mosquitto_pub, mosquitto_sub ─────┘
"""
import contextlib
import os
import pathlib
import re
import subprocess
import types

import pytest

import bed
import certs
from broker import Broker, Subscriber
from atmqttd import Daemon, State
from host import Host
from monitor import Monitor

GATEWAY = 18830         # its UDP port
os.environ.setdefault("ATMQTT_BED", f"/tmp/atmqtt-e2e-{os.getuid()}")
# another bed, beside this one, has another
BUILD = (bed.ROOT / "build" / "e2e"
         / pathlib.Path(os.environ["ATMQTT_BED"]).name)


@pytest.fixture(scope="session")
def guest():
    """The bed with two ports, and the daemon which the tests may kill."""
    BUILD.mkdir(parents=True, exist_ok=True)
    certs.make(BUILD / "certs")
    info = bed.up("--ports", "2", "--no-daemon")
    state = State()
    daemon = Daemon(info["atmqttd"], BUILD, info["ttys"],
                    BUILD / "certs" / "ca.pem", state)
    daemon.start()
    yield types.SimpleNamespace(ports=info["ports"], daemon=daemon,
                                state=state, arch=info["arch"],
                                root=info["root"],
                                module=f"{info['module_dir']}/n_at.ko")
    status = 0
    if daemon.process.poll() is None:
        status = daemon.end("TERM")
    daemon.close()
    try:
        assert status == 0, f"atmqttd ended with {status}"
        bed.check_log()
    finally:
        if not os.environ.get("BED_KEEP"):
            bed.down()


@pytest.fixture
def daemon(guest):
    """The daemon, which a test may end: it runs again afterwards."""
    yield guest.daemon
    guest.daemon.restart()


def open_host(guest, number):
    host = Host(guest.ports[number])
    if guest.daemon.process.poll() is not None:
        guest.daemon.start()
    host.reset()
    return host


@pytest.fixture
def ctl(guest):
    """Runs it in the guest: ctl(arguments, status=0) returns its output."""
    binary = pathlib.Path(guest.daemon.binary).parent / "atmqttctl"

    def run(*arguments, status=0):
        done = bed.run(binary, *arguments, check=False,
                       stderr=subprocess.PIPE)
        assert done.returncode == status, done.stderr
        return done.stdout.decode(), done.stderr.decode()
    run.binary = binary
    return run


@pytest.fixture
def host(guest):
    """The first port, in its first state: no echo, nothing open."""
    host = open_host(guest, 0)
    yield host
    host.close()


@pytest.fixture
def monitor(ctl, guest, host):
    """Starts one for the first port; its first line is the port's mode."""
    started = []

    def start(*arguments, mode="command"):
        monitor = Monitor(ctl.binary, *arguments, guest.daemon.ttys[0])
        started.append(monitor)
        assert mode in monitor.line()
        return monitor
    yield start
    for monitor in started:
        bed.signal("KILL", *monitor.pids())
        monitor.process.wait()


@pytest.fixture
def host2(guest):
    host = open_host(guest, 1)
    yield host
    host.close()


@pytest.fixture
def connected(host):
    """The first port with client 1 open to the bed's broker."""
    connect(host)
    return host


def connect(host, client=1, where="127.0.0.1", port=1883, clean=1,
            keepalive=60, tls=None, status=1):
    line = f'AT+MQTTOPEN={client},"{where}",{port},{clean},{keepalive}'
    if tls is not None:
        line += f",{tls}"
    host.command(line, "OK")
    host.result(f"+MQTTOPEN: {client},{status}", timeout=10)


def subscribe(host, topic, qos=2, client=1):
    host.command(f'AT+MQTTSUB={client},"{topic}",{qos}', "OK",
                 f"+MQTTSUB: {client},1")


@pytest.fixture
def topic(request):
    """A topic that no other test uses."""
    return "t/" + re.sub(r"\W+", "_", request.node.name)[:100]


@pytest.fixture
def subscriber(guest, topic):
    subscriber = Subscriber(topic)
    yield subscriber
    subscriber.close()


@pytest.fixture
def own_broker(guest):
    """A broker on port 1984 that a test may stop and kill."""
    broker = Broker(BUILD, "listener 1984 127.0.0.1\n", 1984)
    yield broker
    broker.close()


@contextlib.contextmanager
def configured(guest, **keys):
    """The daemon with more keys in its first port's section."""
    config = guest.daemon.config
    text = config.read_text()
    lines = "".join(f"\n\t{name} = {value}" for name, value in keys.items())
    fresh = text
    for name in keys:
        fresh = re.sub(rf"\n\t{name} = [^\n]*", "", fresh, count=1)
    config.write_text(fresh.replace("{", "{" + lines, 1))
    guest.daemon.restart()
    yield
    config.write_text(text)
    guest.daemon.restart()


@pytest.fixture(scope="session")
def relayed_gateway(guest):
    from gateway import Gateway
    gateway = Gateway(GATEWAY)
    yield gateway
    gateway.close()


@pytest.fixture
def gateway(relayed_gateway):
    """An MQTT-SN gateway that answers as the specification says."""
    relayed_gateway.reset()
    return relayed_gateway


@pytest.fixture(scope="session")
def slow_library(guest):
    """The preloaded library that slows the daemon's netlink down."""
    library = BUILD / "slow.so"
    compiler = {"arm64": "aarch64-linux-gnu-gcc"}.get(guest.arch, "gcc")
    subprocess.run([compiler, f"--sysroot={guest.root}", "-D_GNU_SOURCE",
                    "-O2", "-Wall", "-shared", "-fPIC", "-o", library,
                    bed.ROOT / "tests" / "e2e" / "slow.c"], check=True)
    return library
