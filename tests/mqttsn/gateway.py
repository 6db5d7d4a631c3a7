#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""An MQTT-SN gateway that gives a client its own messages back.

    gateway.py [--loss PERCENT] [--dup PERCENT] [--late PERCENT] [--log FILE]

Prints its port, on 127.0.0.1 and ::1.  Every datagram, each way, is lost,
repeated or held back behind the next one as often as told.  Messages are
scapy's, so this codec is not the one under test.  To FILE goes a line for
each message of QoS 1 or 2 that has arrived, and for each refusal.

Payloads that are orders:
    size N      comes back with N bytes
    numbers N   N messages of QoS 2 with the numbers from 0
    flood N S   N messages of QoS 1 at once, of S bytes, numbered from 0
    names       a REGISTER and a PUBLISH with topics that are none
    spoof       a DISCONNECT from another address
    bye         a DISCONNECT
    forget      no topic id is known any more
"""
import argparse
import random
import select
import socket
import sys
import time

from scapy.contrib import mqttsn as sn

RETRY = 0.04        # seconds, for the messages to the client
FIRST_ID = 0x80     # from here on a sign could be extended by mistake
DISCONNECT = b"\2\x18"      # scapy always writes a duration


class Lossy:
    """A socket on a bad line."""

    def __init__(self, sock, options, rng):
        self.sock, self.options, self.rng = sock, options, rng
        self.waiting = []

    def happens(self, percent):
        return self.rng.random() * 100 < percent

    def fate(self, item):
        """What becomes of it, in the order in which it arrives."""
        if self.happens(self.options.loss):
            return []
        items = [item] * (1 + self.happens(self.options.dup))
        if self.happens(self.options.late):
            self.waiting += items
            return []
        items += self.waiting
        self.waiting = []
        return items


class Client:
    def __init__(self, gateway, line, address):
        self.gateway, self.address = gateway, address
        self.line = Lossy(line.sock, line.options, line.rng)
        self.ids = {}           # name: id
        self.last_id = FIRST_ID
        self.subscribed = {}    # (kind, topic): qos
        self.incoming = {}      # mid: packet of QoS 2, not released
        self.done = set()       # mids of QoS 1 that have been here
        self.queue = []         # messages for the client
        self.flood = {}         # mid: packet, beside the queue
        self.mid = 0
        self.sent_at = 0
        self.connected = False

    def send(self, packet):
        self.send_bytes(bytes(sn.MQTTSN() / packet))

    def send_bytes(self, data):
        for item in self.line.fate(data):
            self.line.sock.sendto(item, self.address)

    def topic_id(self, name):
        if name not in self.ids:
            self.ids[name] = self.last_id
            self.last_id += 1
        return self.ids[name]

    # ---- from the client ----

    def connect(self, m):
        self.will = m.will
        if m.will and not self.connected:
            self.send(sn.MQTTSNWillTopicReq())
        else:
            self.accept()

    def accept(self):
        self.connected = True
        self.send(sn.MQTTSNConnack(return_code=0))

    def willtopic(self, m):
        self.send(sn.MQTTSNWillMsgReq())

    def willmsg(self, m):
        self.accept()

    def register(self, m):
        self.send(sn.MQTTSNRegack(tid=self.topic_id(m.topic_name), mid=m.mid,
                                  return_code=0))

    def topic_of(self, m):
        if m.tid_type == 1:
            return 1, m.tid, m.tid
        if m.tid_type == 2:
            return 2, bytes(m.short_topic), 0
        wild = b"#" in m.topic_name
        return 0, m.topic_name, 0 if wild else self.topic_id(m.topic_name)

    def subscribe(self, m):
        kind, topic, tid = self.topic_of(m)
        self.subscribed[kind, topic] = m.qos
        self.send(sn.MQTTSNSuback(tid=tid, mid=m.mid, return_code=0))

    def unsubscribe(self, m):
        self.subscribed.pop(self.topic_of(m)[:2], None)
        self.send(sn.MQTTSNUnsuback(mid=m.mid))

    def publish(self, m):
        known = m.tid_type or m.tid in self.ids.values()
        if not known:
            self.send(sn.MQTTSNPuback(tid=m.tid, mid=m.mid, return_code=2))
        elif m.qos == 0:
            self.deliver(m)
        elif m.qos == 1:
            if m.mid not in self.done:
                self.done.add(m.mid)
                self.deliver(m)
            self.send(sn.MQTTSNPuback(tid=0, mid=m.mid, return_code=0))
        else:
            self.incoming[m.mid] = m
            self.send(sn.MQTTSNPubrec(mid=m.mid))

    def pubrel(self, m):
        if m.mid in self.incoming:
            self.deliver(self.incoming.pop(m.mid))
        self.send(sn.MQTTSNPubcomp(mid=m.mid))

    def deliver(self, m):
        if m.qos:
            self.gateway.log(m.data)
        words = m.data.split()
        payloads, qos = [m.data], m.qos
        if words[:1] == [b"size"]:
            payloads = [b"x" * int(words[1])]
        elif words[:1] == [b"numbers"]:
            payloads, qos = [b"%d" % n for n in range(int(words[1]))], 2
        elif words[:1] == [b"flood"]:
            payloads = []
            self.start_flood(m, int(words[1]), int(words[2]))
        elif words == [b"names"]:
            self.send(sn.MQTTSNRegister(
                tid=0x1234, mid=1,
                topic_name=b'x"\r\n+MQTTBREAK: 101,1\r\n'))
            self.send(sn.MQTTSNPublish(tid_type=2, tid=0x0d0a, qos=1, mid=2,
                                       data=b"x"))
        elif words == [b"spoof"]:
            other = socket.socket(self.line.sock.family, socket.SOCK_DGRAM)
            other.sendto(DISCONNECT, self.address)
        elif words == [b"bye"]:
            self.send_bytes(DISCONNECT)
        elif words == [b"forget"]:
            self.ids = {}
        for payload in payloads:
            self.give(m, payload, qos)

    def matches(self, m):
        if m.tid_type == 1:
            return (1, m.tid) in self.subscribed
        if m.tid_type == 2:
            return (2, m.tid.to_bytes(2, "big")) in self.subscribed
        names = [n for n, tid in self.ids.items() if tid == m.tid]
        return any((0, n) in self.subscribed for n in names) or \
            (0, b"#") in self.subscribed

    # ---- to the client: one under way at a time ----

    def give(self, m, payload, qos):
        if not self.matches(m):
            return
        packet = sn.MQTTSNPublish(tid_type=m.tid_type, tid=m.tid, qos=qos,
                                  data=payload)
        if qos == 0 and not self.queue:
            self.send(packet)
            return
        self.mid = self.mid % 0xffff + 1
        packet.mid = self.mid if qos else 0
        self.queue.append(packet)
        if len(self.queue) == 1:
            self.push()

    def push(self):
        self.sent_at = time.monotonic()
        if not self.queue:
            return
        self.send(self.queue[0])
        if isinstance(self.queue[0], sn.MQTTSNPublish):
            if not self.queue[0].qos:
                self.next()
            else:
                self.queue[0].dup = 1

    def next(self):
        self.queue.pop(0)
        self.push()

    def start_flood(self, m, count, size):
        for n in range(count):
            self.mid = self.mid % 0xffff + 1
            self.flood[self.mid] = sn.MQTTSNPublish(
                tid_type=m.tid_type, tid=m.tid, qos=1, mid=self.mid,
                data=(b"%d" % n).ljust(size))
            self.send(self.flood[self.mid])

    def waits_for(self, kind, mid):
        return self.queue and isinstance(self.queue[0], kind) and \
            self.queue[0].mid == mid

    def puback(self, m):
        if m.return_code:
            self.gateway.log(b"puback %d" % m.return_code)
        if m.return_code == 1:
            return      # congestion: again, later
        self.flood.pop(m.mid, None)
        if self.waits_for(sn.MQTTSNPublish, m.mid) and self.queue[0].qos == 1:
            self.next()

    def pubrec(self, m):
        if self.waits_for(sn.MQTTSNPublish, m.mid):
            self.queue[0] = sn.MQTTSNPubrel(mid=m.mid)
            self.push()

    def pubcomp(self, m):
        if self.waits_for(sn.MQTTSNPubrel, m.mid):
            self.next()

    def retry(self, now):
        if now - self.sent_at < RETRY:
            return
        for packet in self.flood.values():
            packet.dup = 1
            self.send(packet)
        self.push()

    def pingreq(self, m):
        self.send(sn.MQTTSNPingResp())

    def disconnect(self, m):
        self.send_bytes(DISCONNECT)
        self.connected = False

    def willtopicupd(self, m):
        self.send(sn.MQTTSNWillTopicResp(return_code=0))

    def willmsgupd(self, m):
        self.send(sn.MQTTSNWillMsgResp(return_code=0))

    def regack(self, m):
        self.gateway.log(b"regack %d" % m.return_code)


class Gateway:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(1)
        self.lines = []
        self.clients = {}
        self.file = open(options.log, "a") if options.log else None

    def log(self, payload):
        if self.file:
            print(payload.decode(errors="replace"), file=self.file, flush=True)

    def bind(self):
        port = 0
        for family, host in (socket.AF_INET, "127.0.0.1"), \
                            (socket.AF_INET6, "::1"):
            try:
                sock = socket.socket(family, socket.SOCK_DGRAM)
                sock.bind((host, port))
            except OSError:
                continue        # a machine without IPv6
            port = sock.getsockname()[1]
            self.lines.append(Lossy(sock, self.options, self.rng))
        print(port, flush=True)

    def take(self, line, data, address):
        client = self.clients.setdefault(address,
                                         Client(self, line, address))
        m = sn.MQTTSN(data)
        name = m.payload.__class__.__name__.replace("MQTTSN", "").lower()
        if m.type == 0x16:      # scapy: a PINGREQ without id has no payload
            name = "pingreq"
        if m.type == 0x18:
            name = "disconnect"
        # what is no message of a client's is none at all
        getattr(client, name, lambda m: None)(m.payload)

    def run(self):
        while True:
            readable, _, _ = select.select([l.sock for l in self.lines], [],
                                           [], RETRY / 4)
            for line in self.lines:
                if line.sock in readable:
                    for item in line.fate(line.sock.recvfrom(65535)):
                        self.take(line, *item)
            for client in list(self.clients.values()):
                client.retry(time.monotonic())


def main():
    parser = argparse.ArgumentParser()
    for name in "loss", "dup", "late":
        parser.add_argument("--" + name, type=float, default=0)
    parser.add_argument("--log")
    gateway = Gateway(parser.parse_args())
    gateway.bind()
    gateway.run()


sys.exit(main())
