# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Clouds as a test plays them: HTTP and MQTT servers in the guest, by TLS or
not, of which the test sees every byte and writes every answer.

    servers = Servers()                         one process in the guest
    http = servers.http(9441, tls=PATH)         PATH.pem, PATH.key
    request = http.request()                    .line .headers .body
    request.answer(b"...")                      or .raw(bytes), .close()
    mqtt = servers.mqtt(9443)
    session = mqtt.connect()                    .client_id .user .password ...
    session.connack(0)
    session.subscribe(b"topic", 1)              expects it, confirms it
    session.publish(b"topic", b"payload", 1)    waits for its PUBACK
"""
import json
import pathlib
import queue
import struct
import subprocess
import threading
import time

import bed

REMOTE = pathlib.Path(__file__).with_name("remote.py")
SECONDS = 15 * bed.SLOW

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = (
    1, 2, 3, 4, 8, 9, 14)


class Servers:
    """The process in the guest, and who wants to hear of which port."""

    def __init__(self):
        self.process = bed.popen("/usr/bin/python3", "-S", "-u", REMOTE,
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        self.listening = queue.Queue()
        self.open = set()
        self.ports = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "listening":
                self.listening.put(event)
                continue
            if event["event"] == "open":
                self.open.add(event["connection"])
            elif event["event"] == "close":
                self.open.discard(event["connection"])
            self.ports[event["port"]].put(event)

    def command(self, **what):
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()

    def _listen(self, port, kind, tls):
        self.ports[port] = queue.Queue()
        self.command(listen=port, kind=kind, tls=tls and str(tls))
        self.listening.get(timeout=SECONDS)
        return self, self.ports[port]

    def http(self, port, tls=None):
        return Http(*self._listen(port, "http", tls))

    def mqtt(self, port, tls=None):
        return Mqtt(*self._listen(port, "mqtt", tls))

    def wait_closed(self):
        """Nobody is connected any more, and all that was said is here."""
        end = time.monotonic() + SECONDS
        while self.open:
            assert time.monotonic() < end, "still connected"
            time.sleep(0.01)

    def close(self):
        self.process.kill()
        self.process.wait()


class Server:
    """One port.  Connections that say nothing are of no interest."""

    def __init__(self, servers, events):
        self.servers = servers
        self.events = events

    def next(self, *kinds, connection=None, seconds=SECONDS):
        """The next event of these kinds (of a connection)."""
        while True:
            event = self.events.get(timeout=seconds)
            if event["event"] in kinds and (
                    connection in (None, event["connection"])):
                return event

    def forget(self):
        """What came so far is of no interest."""
        while not self.events.empty():
            self.events.get()

    def idle(self, seconds=0.5):
        """Nobody says anything for so long."""
        try:
            event = self.next("data", seconds=seconds)
        except queue.Empty:
            return
        raise AssertionError(f"unexpected {event}")


class Connection:
    def __init__(self, server, event):
        self.server = server
        self.number = event["connection"]

    def raw(self, data):
        self.server.servers.command(send=self.number, data=data.hex())

    def close(self):
        self.server.servers.command(close=self.number)


class Http(Server):
    def request(self):
        return Request(self, self.next("data"))


class Request(Connection):
    def __init__(self, server, event):
        super().__init__(server, event)
        self.data = bytes.fromhex(event["data"])
        head, _, self.body = self.data.partition(b"\r\n\r\n")
        self.line, *lines = head.decode().split("\r\n")
        self.headers = dict(line.split(": ", 1) for line in lines)

    def answer(self, body, status="200 OK"):
        self.raw(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
                 .encode() + body)


class Mqtt(Server):
    def connect(self):
        return Session(self, self.next("data"))


def packet(kind, body, flags=0):
    """MQTT 3.1.1, 2.2"""
    length, rest = b"", len(body)
    while rest > 127:
        length += bytes([rest & 127 | 128])
        rest >>= 7
    return bytes([kind << 4 | flags]) + length + bytes([rest]) + body


def string(text):
    return struct.pack(">H", len(text)) + text


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        taken, self.data = self.data[:n], self.data[n:]
        assert len(taken) == n
        return taken

    def number(self):
        return struct.unpack(">H", self.take(2))[0]

    def string(self):
        return self.take(self.number())


class Session(Connection):
    """From its CONNECT on."""

    def __init__(self, server, event):
        super().__init__(server, event)
        kind, _, reader = self._parse(event)
        assert kind == CONNECT
        assert reader.take(7) == b"\0\4MQTT\4"
        flags = reader.take(1)[0]
        self.clean = bool(flags & 2)
        self.keepalive = reader.number()
        self.client_id = reader.string().decode()
        assert not flags & 4, "a will"
        self.user = reader.string().decode() if flags & 128 else None
        self.password = reader.string().decode() if flags & 64 else None
        assert not reader.data
        self.last_id = 0

    @staticmethod
    def _parse(event):
        data = bytes.fromhex(event["data"])
        start = 1
        while data[start] & 128:
            start += 1
        return data[0] >> 4, data[0] & 15, Reader(data[start + 1:])

    def _packet(self):
        event = self.server.next("data", "close", connection=self.number)
        assert event["event"] == "data", "closed"
        return self._parse(event)

    def next(self):
        """The next packet, whatever it is: its kind and its content."""
        kind, _, reader = self._packet()
        return kind, reader.data

    def expect(self, wanted):
        """The next packet, which is of this kind."""
        kind, flags, reader = self._packet()
        assert kind == wanted, (kind, reader.data)
        return flags, reader

    def connack(self, code=0):
        self.raw(packet(CONNACK, bytes([0, code])))

    def subscribe(self, topic, qos, granted=None):
        _, reader = self.expect(SUBSCRIBE)
        number = reader.take(2)
        assert (reader.string(), reader.take(1)) == (topic, bytes([qos]))
        assert not reader.data
        self.raw(packet(SUBACK, number + bytes([qos if granted is None
                                                else granted])))

    def publish(self, topic, payload, qos=0, wait=True):
        body = string(topic)
        if qos:
            self.last_id += 1
            body += struct.pack(">H", self.last_id)
        self.raw(packet(PUBLISH, body + payload, qos << 1))
        if qos and wait:
            _, reader = self.expect(PUBACK)
            assert reader.number() == self.last_id

    def disconnected(self):
        """DISCONNECT, and the end of the connection."""
        self.expect(DISCONNECT)
        self.closed()

    def closed(self):
        self.server.next("close", connection=self.number)
