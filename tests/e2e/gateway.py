# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""MQTT-SN gateways for the tests.

`Gateway` answers as the specification says, with scapy's codec, and does what
a test tells it besides: keeps quiet, loses, doubles and swaps datagrams, and
forgets.  `Mqttsngw` is the npm package of that name in front of mosquitto.
"""
import hashlib
import os
import pathlib
import queue
import random
import shutil
import subprocess
import tempfile
import threading

import pytest
import scapy.contrib.mqttsn as sn
from scapy.layers.inet import IP, UDP
from scapy.utils import wrpcap

import bed
from bed import SLOW

HERE = pathlib.Path(__file__).resolve().parent / "sn"
RELAY = HERE / "relay.py"

BODIES = {
    sn.ADVERTISE: sn.MQTTSNAdvertise, sn.SEARCHGW: sn.MQTTSNSearchGW,
    sn.GWINFO: sn.MQTTSNGwInfo, sn.CONNECT: sn.MQTTSNConnect,
    sn.CONNACK: sn.MQTTSNConnack, sn.WILLTOPICREQ: sn.MQTTSNWillTopicReq,
    sn.WILLTOPIC: sn.MQTTSNWillTopic, sn.WILLMSGREQ: sn.MQTTSNWillMsgReq,
    sn.WILLMSG: sn.MQTTSNWillMsg, sn.REGISTER: sn.MQTTSNRegister,
    sn.REGACK: sn.MQTTSNRegack, sn.PUBLISH: sn.MQTTSNPublish,
    sn.PUBACK: sn.MQTTSNPuback, sn.PUBCOMP: sn.MQTTSNPubcomp,
    sn.PUBREC: sn.MQTTSNPubrec, sn.PUBREL: sn.MQTTSNPubrel,
    sn.SUBSCRIBE: sn.MQTTSNSubscribe, sn.SUBACK: sn.MQTTSNSuback,
    sn.UNSUBSCRIBE: sn.MQTTSNUnsubscribe, sn.UNSUBACK: sn.MQTTSNUnsuback,
    sn.PINGREQ: sn.MQTTSNPingReq, sn.PINGRESP: sn.MQTTSNPingResp,
    sn.DISCONNECT: sn.MQTTSNDisconnect,
    sn.WILLTOPICUPD: sn.MQTTSNWillTopicUpd,
    sn.WILLTOPICRESP: sn.MQTTSNWillTopicResp,
    sn.WILLMSGUPD: sn.MQTTSNWillMsgUpd,
    sn.WILLMSGRESP: sn.MQTTSNWillMsgResp,
}


def encode(kind, **fields):
    length = 2 if kind == sn.DISCONNECT else None   # scapy has none for it
    return bytes(sn.MQTTSN(type=kind, len=length) / BODIES[kind](**fields))


class Faults:
    """What the path does to datagrams, the same for the same seed."""

    def __init__(self, seed, loss=0.0, double=0.0, swap=0.0):
        self.random = random.Random(seed)
        self.loss, self.double, self.swap = loss, double, swap
        self.held = {}          # direction: the datagram that is overtaken

    def pass_on(self, direction, item):
        """What arrives when `item` is sent."""
        if self.random.random() < self.loss:
            return []
        items = [item] * (2 if self.random.random() < self.double else 1)
        if direction in self.held:
            return items + [self.held.pop(direction)]
        if self.random.random() < self.swap:
            self.held[direction] = item
            return items[1:]
        return items


class Client:
    """What the gateway keeps of one client, by its address."""

    def __init__(self):
        self.connected = False
        self.connect = None     # its last CONNECT
        self.will = {}          # topic, message, qos, retain
        self.filters = {}       # what it subscribed to: QoS
        self.received = []      # payloads, in order, each once
        self.last = None        # the last message id of QoS 1
        self.open_qos2 = set()


class Gateway:
    """Answers by `answers[kind]`; a test may put another function there, or
    None.  Every message that arrives is in `inbox` as well."""

    def __init__(self, port, address="127.0.0.1", within=()):
        """`within`: a command that runs the relay somewhere else."""
        self.port, self.address = port, address
        self.within = within
        self.changed = threading.Condition()
        self.record = []                # (from client, peer, datagram)
        self.reset()
        self.start()

    def reset(self):
        """As new, but for the record."""
        self.next_id = 1
        self.ids = {}                   # topic name: id
        self.predefined = {}            # id: topic name
        self.faults = Faults(0)
        self.patience = 5.0             # seconds until it repeats something
        self.clients = {}
        self.peer = None                # who sent last
        self.inbox = queue.Queue()
        self.acknowledged = []          # (kind, message id) from clients
        self.mid = 0
        self.answers = {
            sn.CONNECT: self.on_connect, sn.WILLTOPIC: self.on_will_topic,
            sn.WILLMSG: self.on_will_msg, sn.REGISTER: self.on_register,
            sn.PUBLISH: self.on_publish, sn.PUBREL: self.on_pubrel,
            sn.SUBSCRIBE: self.on_subscribe,
            sn.UNSUBSCRIBE: self.on_unsubscribe, sn.PINGREQ: self.on_pingreq,
            sn.DISCONNECT: self.on_disconnect,
            sn.WILLTOPICUPD: self.on_will_topic_update,
            sn.WILLMSGUPD: self.on_will_msg_update,
        }

    # ---- the port in the guest ----

    def start(self):
        self.process = bed.popen(*self.within, "python3", "-S", RELAY,
                                 self.address, self.port,
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def stop(self):
        """As if it was killed: its port answers no more."""
        self.process.stdin.close()
        self.process.wait(20 * SLOW)
        self.thread.join()

    def restart(self):
        """It knows nothing any more."""
        self.stop()
        self.clients.clear()
        self.ids.clear()
        self.start()

    def close(self):
        if self.process.poll() is None:
            self.stop()

    def listen(self):
        for line in self.process.stdout:
            address, port, data = line.decode().split()
            item = (address, int(port)), bytes.fromhex(data)
            self.record.append((True, *item))
            for peer, datagram in self.faults.pass_on("in", item):
                self.handle(peer, datagram)

    def put(self, peer, datagram):
        self.record.append((False, peer, datagram))
        for to, data in self.faults.pass_on("out", (peer, datagram)):
            line = f"{to[0]} {to[1]} {data.hex()}\n"
            try:
                self.process.stdin.write(line.encode())
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):   # stopped meanwhile
                return

    def send(self, kind, peer=None, **fields):
        self.put(peer or self.peer, encode(kind, **fields))

    # ---- what it does by itself ----

    def handle(self, peer, datagram):
        message = sn.MQTTSN(datagram)
        self.inbox.put((message, datagram))     # ahead of what it causes
        self.peer = peer
        client = self.clients.setdefault(peer, Client())
        answer = self.answers.get(message.type)
        with self.changed:
            if answer:
                answer(client, message.payload)
            else:
                mid = getattr(message.payload, "mid", None)
                self.acknowledged.append((message.type, mid))
            self.changed.notify_all()

    def topic_id(self, name):
        if name not in self.ids:
            self.ids[name] = self.next_id
            self.next_id += 1
        return self.ids[name]

    def on_connect(self, client, body):
        client.connect = body
        if body.cleansess:
            client.filters.clear()
        if body.will:
            self.send(sn.WILLTOPICREQ)
        else:
            client.connected = True
            self.send(sn.CONNACK)

    def on_will_topic(self, client, body):
        client.will.update(topic=body.will_topic, qos=body.qos,
                           retain=body.retain)
        self.send(sn.WILLMSGREQ)

    def on_will_msg(self, client, body):
        client.will["message"] = body.will_msg
        client.connected = True
        self.send(sn.CONNACK)

    def on_will_topic_update(self, client, body):
        client.will.update(topic=body.will_topic, qos=body.qos,
                           retain=body.retain)
        self.send(sn.WILLTOPICRESP)

    def on_will_msg_update(self, client, body):
        client.will["message"] = body.will_msg
        self.send(sn.WILLMSGRESP)

    def on_register(self, client, body):
        self.send(sn.REGACK, tid=self.topic_id(body.topic_name), mid=body.mid)

    def is_known(self, body):
        return (body.tid_type == sn.TID_SHORT or body.tid in (
            self.predefined if body.tid_type == sn.TID_PREDEF
            else self.ids.values()))

    def on_publish(self, client, body):
        if not self.is_known(body):
            self.send(sn.PUBACK, tid=body.tid, mid=body.mid,
                      return_code=sn.REJ_TID)
            return
        if body.mid not in client.open_qos2 and not (
                body.dup and body.mid == client.last):
            client.received.append(body.data)
        if body.qos == sn.QOS_1:
            client.last = body.mid
        if body.qos == sn.QOS_2:
            client.open_qos2.add(body.mid)
            self.send(sn.PUBREC, mid=body.mid)
        elif body.qos == sn.QOS_1:
            self.send(sn.PUBACK, tid=body.tid, mid=body.mid)

    def on_pubrel(self, client, body):
        client.open_qos2.discard(body.mid)
        self.send(sn.PUBCOMP, mid=body.mid)

    def on_subscribe(self, client, body):
        tid = 0
        if body.tid_type == sn.TID_PREDEF:
            topic = tid = body.tid
            if tid not in self.predefined:
                self.send(sn.SUBACK, mid=body.mid, return_code=sn.REJ_TID)
                return
        elif body.tid_type == sn.TID_SHORT:
            topic = body.short_topic
        else:
            topic = body.topic_name
            if not set(topic) & set(b"+#"):
                tid = self.topic_id(topic)
        client.filters[topic] = body.qos
        self.send(sn.SUBACK, qos=body.qos, tid=tid, mid=body.mid)

    def on_unsubscribe(self, client, body):
        self.send(sn.UNSUBACK, mid=body.mid)

    def on_pingreq(self, client, body):
        self.send(sn.PINGRESP)

    def on_disconnect(self, client, body):
        client.connected = False
        self.send(sn.DISCONNECT)

    # ---- what a test asks of it ----

    @property
    def client(self):
        return self.clients[self.peer]

    def got(self, payloads, timeout=5):
        """The client's messages, when there are as many."""
        with self.changed:
            self.changed.wait_for(
                lambda: len(self.client.received) >= len(payloads),
                timeout * SLOW)
        assert self.client.received == payloads

    def expect(self, kind, timeout=5, **fields):
        """The next message is this one; returns its body."""
        try:
            message, _ = self.inbox.get(timeout=timeout * SLOW)
        except queue.Empty:
            raise AssertionError(f"no {sn.PACKET_TYPE[kind]}") from None
        assert message.type == kind, message.show(dump=True)
        got = {name: getattr(message.payload, name) for name in fields}
        assert got == fields, message.show(dump=True)
        return message.payload

    def expect_bytes(self, want, timeout=5):
        """The next message is these bytes."""
        _, datagram = self.inbox.get(timeout=timeout * SLOW)
        assert datagram == want, f"{datagram.hex(' ')}, not {want.hex(' ')}"

    def quiet(self, seconds=0.5):
        try:
            message, _ = self.inbox.get(timeout=seconds)
        except queue.Empty:
            return
        raise AssertionError("unexpected " + message.show(dump=True))

    def drain(self):
        """The messages that nobody expected."""
        messages = []
        while not self.inbox.empty():
            messages.append(self.inbox.get()[0])
        return messages

    def new_mid(self):
        self.mid = self.mid % 0xffff + 1
        return self.mid

    def insist(self, answer, kind, tries=200, **fields):
        """Sends until `answer` comes for the message id."""
        mid = fields["mid"]
        self.acknowledged = [got for got in self.acknowledged if got[1] != mid]
        for _ in range(tries):
            with self.changed:
                self.send(kind, **fields)
                if self.changed.wait_for(
                        lambda: (answer, mid) in self.acknowledged,
                        self.patience):
                    return
            if kind == sn.PUBLISH:
                fields["dup"] = 1
        raise AssertionError(f"no {sn.PACKET_TYPE[answer]} for {mid}")

    def publish(self, tid, data, qos=0, tid_type=sn.TID_NORMAL, retain=0):
        """To the client that sent last, by the return acknowledged."""
        fields = dict(tid=tid, tid_type=tid_type, data=data, qos=qos,
                      retain=retain)
        if not qos:
            self.send(sn.PUBLISH, **fields)
            return
        mid = self.new_mid()
        answer = sn.PUBACK if qos == sn.QOS_1 else sn.PUBREC
        self.insist(answer, sn.PUBLISH, mid=mid, **fields)
        if qos == sn.QOS_2:
            self.insist(sn.PUBCOMP, sn.PUBREL, mid=mid)

    def capture(self, path, first=0):
        """What passed from datagram `first` on, for tshark."""
        own = self.address, self.port
        packets = []
        for inward, peer, datagram in self.record[first:]:
            source, target = (peer, own) if inward else (own, peer)
            packets.append(IP(src=source[0], dst=target[0])
                           / UDP(sport=source[1], dport=target[1]) / datagram)
        wrpcap(str(path), packets)


# ---- npm ----

CACHE = pathlib.Path(os.environ.get("ATMQTT_CACHE")
                     or pathlib.Path(os.environ.get("XDG_CACHE_HOME")
                                     or pathlib.Path.home() / ".cache")
                     / "atmqtt")


# What npm says when it cannot get at the registry at all.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT",
               "ENETUNREACH", "EHOSTUNREACH", "CERT", "ERR_SOCKET_TIMEOUT")


def npm_ci(directory):
    """Its packages; skips the test on a machine without the registry."""
    # unlike other programs node does not look at the system's store itself
    environment = {"NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt",
                   **os.environ}
    run = subprocess.run(["npm", "ci", "--no-audit", "--no-fund",
                          "--ignore-scripts", "--fetch-retries=1",
                          "--fetch-timeout=20000"], cwd=directory, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env=environment, timeout=300)
    if run.returncode and any(word in run.stdout for word in UNREACHABLE):
        pytest.skip(f"the npm registry cannot be reached:\n{run.stdout}")
    assert run.returncode == 0, (
        "npm could not fetch the gateway of the MQTT-SN tests; they need "
        f"the npm registry once:\n{run.stdout[-2000:]}")


def modules():
    """The packages of package-lock.json, once for each of its contents."""
    lock = HERE / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    place = CACHE / f"npm-{digest}"
    if place.exists():
        return place / "node_modules"
    assert shutil.which("npm"), "npm is not installed: tests/bed/deps check"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        new = pathlib.Path(directory) / "new"
        new.mkdir()
        for name in "package.json", "package-lock.json":
            shutil.copy(HERE / name, new)
        npm_ci(new)
        if not place.exists():          # nobody else was quicker
            new.rename(place)
    return place / "node_modules"


class Mqttsngw:
    def __init__(self, port, broker=1883):
        self.argv = [shutil.which("node"), HERE / "gateway.js", port,
                     f"mqtt://127.0.0.1:{broker}"]
        self.environment = f"NODE_PATH={modules()}"
        self.process = None
        self.start()

    def start(self):
        self.process = bed.popen("env", self.environment, *self.argv,
                                 stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def kill(self):
        bed.signal("KILL", *bed.pids(*self.argv))
        self.process.wait(20 * SLOW)

    def close(self):
        if self.process.poll() is None:
            self.kill()
