#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A broker that says anything, and a host that goes on, against atmqttd.

    Hostile ── TCP ──┐                        ┌── pty ── Wild, two clients
                     ├──── atmqttd-direct ────┤
    mosquitto ─ TCP ─┘                        └── pty ── Control

  broker.py [SECONDS [SEED]]         10 seconds, a seed that is printed

What the hostile broker says is right, wrong in one place, cut, in pieces, too
much or too long, by chance; the same for the same seed as far as time allows.
It fails when the daemon ends or a sanitizer reports, when a line comes that
is none of the daemon's, when a command has no answer, when the second port's
host gets anything else than with no such neighbour, or when the daemon's
memory grows by more than 4 MiB.

It drives build/atmqttd-direct (make direct), or $ATMQTTD_DIRECT, such as

  make direct BUILD=build/asan LDFLAGS=-fsanitize=address,undefined \\
      CFLAGS="-O1 -g -fsanitize=address,undefined \\
      -fno-sanitize-recover=all -fno-omit-frame-pointer"
  ATMQTTD_DIRECT=build/asan/atmqttd-direct tests/faults/broker.py 60

Of a sanitizer's build the memory is not judged: it keeps what was freed.
"""
import contextlib
import os
import pathlib
import pty
import random
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMON = pathlib.Path(os.environ.get("ATMQTTD_DIRECT")
                      or ROOT / "build" / "atmqttd-direct")
GROWTH_MAX_KIB = 4096
ANSWER_S = 10           # longest wait for an answer, on a busy machine
WARM_SESSIONS = 40      # before the memory is judged

CONFIG = """
state_dir = "{directory}"
port "{ttys[0]}" {{
	model = "L610"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	echo = no
	imei = "861234567890123"
	payload_format = "hex"
	open_timeout_ms = 700
	result_timeout_ms = 400
}}
port "{ttys[1]}" {{
	model = "L610"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	echo = no
	imei = "861234567890124"
}}
"""

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, \
    SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = range(1, 15)


# ---- packets ----

def length(size):
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(out)


def packet(kind, body, flags=None):
    if flags is None:
        flags = 2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0
    return bytes([kind << 4 | flags]) + length(len(body)) + body


def number(value):
    return struct.pack(">H", value)


def publish(topic, qos, ident, payload, flags=0):
    return packet(PUBLISH, number(len(topic)) + topic
                  + (number(ident) if qos else b"") + payload,
                  qos << 1 | flags)


def take_packets(data):
    """(type, flags, body) of each whole packet, and the rest."""
    packets = []
    while True:
        size, at = 0, 1
        while at < len(data):
            size |= (data[at] & 127) << 7 * (at - 1)
            at += 1
            if data[at - 1] < 128:
                break
        else:
            return packets, data
        if len(data) < at + size:
            return packets, data
        packets.append((data[0] >> 4, data[0] & 15, data[at:at + size]))
        data = data[at + size:]


# ---- the hostile broker ----

class Session(threading.Thread):
    """One link of the daemon's, until one of both has enough."""

    TOPICS = (b"t", b"a/b/c", b"x" * 255, b"y" * 256, b"z" * 3000, b"",
              b'q"\r\n+MQTTBREAK: 2,1\r\n', b"a\0b", b"\xc2\x85", b"\xc0\x80",
              b"\xed\xa0\x80", b"#", b"a/+/b", "häß€😀".encode(), b"\xe2\x82")
    GOOD_TOPICS = (b"t", b"a/b/c", b"x" * 255, "häß€😀".encode())

    def __init__(self, link, seed):
        super().__init__(daemon=True)
        self.link = link
        self.random = random.Random(seed)
        self.packets = 0
        self.waiting = []       # what the client asked for: (type, id)
        self.input = b""

    def run(self):
        with self.link, contextlib.suppress(OSError):
            self.link.settimeout(5)
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.welcome()
            for _ in range(self.random.choice((3, 10, 40))):
                self.listen(self.random.choice((0, 0, 0.002, 0.01)))
                self.random.choice(self.ACTS)(self)
            self.leave()

    def say(self, data, packets=1):
        self.packets += packets
        pieces = self.random.random()
        if pieces < 0.15 and len(data) < 200:
            for byte in data:
                self.link.sendall(bytes([byte]))
        elif pieces < 0.3:
            at = self.random.randrange(len(data) + 1)
            self.link.sendall(data[:at])
            time.sleep(self.random.choice((0, 0.001, 0.01)))
            self.link.sendall(data[at:])
        else:
            self.link.sendall(data)

    def listen(self, seconds):
        while select.select([self.link], [], [], seconds)[0]:
            data = self.link.recv(65536)
            if not data:
                raise ConnectionResetError
            packets, self.input = take_packets(self.input + data)
            for kind, flags, body in packets:
                self.note(kind, flags, body)
            seconds = 0

    def note(self, kind, flags, body):
        if kind == PUBLISH and flags & 6:
            at = 2 + struct.unpack(">H", body[:2])[0]
            self.waiting.append(((PUBACK if flags & 2 else PUBREC),
                                 body[at:at + 2]))
        elif kind in (PUBREC, PUBREL, SUBSCRIBE, UNSUBSCRIBE):
            answer = {PUBREC: PUBREL, PUBREL: PUBCOMP, SUBSCRIBE: SUBACK,
                      UNSUBSCRIBE: UNSUBACK}[kind]
            self.waiting.append((answer, body[:2]))
        elif kind == PINGREQ:
            self.waiting.append((PINGRESP, b""))

    def welcome(self):
        """Mostly what opens the link, or little would come of it."""
        if self.random.random() > 0.02:
            self.listen(2)
        chance = self.random.random()
        connack = packet(CONNACK, bytes([self.random.random() < 0.3, 0]))
        if chance < 0.85:
            self.say(connack)
        elif chance < 0.9:
            self.say(packet(CONNACK, bytes([0, self.random.randrange(8)])))
        else:
            self.say(self.mutated(connack))

    def answer(self, kind, ident):
        code = bytes([self.random.choice((0, 1, 2, 0x80))])
        return packet(kind, ident + (code if kind == SUBACK else b""))

    # ---- what it does by chance ----

    def answer_all(self):
        waiting, self.waiting = self.waiting, []
        if waiting:
            self.say(b"".join(self.answer(*one) for one in waiting),
                     len(waiting))

    def answer_wrongly(self):
        """The id is right, and something else is not."""
        if not self.waiting:
            return
        kind, ident = self.random.choice(self.waiting)
        wrong = self.random.choice((
            self.answer(self.random.choice((PUBACK, PUBREC, PUBREL, PUBCOMP,
                                            SUBACK, UNSUBACK)), ident),
            self.answer(kind, ident) * 2,
            self.mutated(self.answer(kind, ident)),
            packet(SUBACK, ident)))
        self.say(wrong)

    def good_message(self):
        qos = self.random.randrange(3)
        self.say(publish(self.random.choice(self.GOOD_TOPICS), qos,
                         self.random.randrange(1, 65536),
                         self.random.randbytes(self.random.choice(
                             (0, 1, 100, 1024, 1500))),
                         self.random.choice((0, 1))))

    def any_message(self):
        self.say(publish(self.random.choice(self.TOPICS),
                         self.random.randrange(4), self.random.randrange(4),
                         self.random.randbytes(self.random.choice((0, 10))),
                         self.random.choice((0, 1, 8, 9))))

    def long_message(self):
        """What is too long, now and then with an end that never comes."""
        size = self.random.choice((1501, 16385, 70000, 1 << 20, 3 << 20))
        head = publish(b"long", self.random.randrange(3), 9, bytes(size))
        if self.random.random() < 0.2:
            head = head[:self.random.randrange(len(head))]
        self.say(head)

    def flood(self):
        count = self.random.choice((50, 500, 3000))
        qos = self.random.randrange(3)
        self.say(b"".join(publish(b"flood", qos, n % 65535 + 1, b"f" * 60)
                          for n in range(count)), count)

    def release(self):
        self.say(packet(PUBREL, number(self.random.randrange(5))))

    def ping(self):
        count = self.random.choice((1, 1, 1000))
        self.say(packet(PINGRESP, b"") * count, count)

    def any_packet(self):
        self.say(packet(self.random.randrange(16),
                        self.random.randbytes(self.random.randrange(8)),
                        self.random.randrange(16)))

    def announce(self):
        """A long packet that does not come."""
        self.say(bytes([self.random.randrange(256)]) + self.random.choice(
            (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff\x01", b"\x80" * 5))
            + b"\0\1a")

    def noise(self):
        self.say(self.random.randbytes(self.random.randrange(1, 300)))

    def mutate(self):
        self.say(self.mutated(self.random.choice((
            publish(b"t", 1, 5, b"x"), packet(PUBACK, number(5)),
            packet(SUBACK, number(5) + b"\0"), packet(PINGRESP, b"")))))

    def wait(self):
        time.sleep(self.random.choice((0.01, 0.05, 0.2)))

    # the harmless ones more often: links shall live for some time
    ACTS = ((answer_all,) * 12 + (good_message,) * 6
            + (flood, long_message, release, ping, wait) * 2
            + (answer_wrongly, answer_wrongly, any_message, any_packet,
               announce, noise, mutate))

    def mutated(self, data):
        """One byte changed, taken, added; cut; or the length changed."""
        data = bytearray(data)
        at = self.random.randrange(len(data))
        how = self.random.randrange(5)
        if how == 0:
            data[at] ^= 1 << self.random.randrange(8)
        elif how == 1:
            del data[at]
        elif how == 2:
            data.insert(at, self.random.randrange(256))
        elif how == 3:
            del data[at:]
        else:
            data[1] = self.random.randrange(256)
        return bytes(data) or b"\0"

    def leave(self):
        if self.random.random() < 0.3:          # a reset
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))


class Hostile(threading.Thread):
    def __init__(self, seed):
        super().__init__(daemon=True)
        self.seed = seed
        self.sessions = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self):
        while True:
            link, _ = self.server.accept()
            session = Session(link, f"{self.seed}/{len(self.sessions)}")
            self.sessions.append(session)
            session.start()


# ---- the hosts ----

class Failed(Exception):
    """What a port said, or did not say."""


class Host:
    def __init__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.tty = os.ttyname(self.slave)
        self.pending = b""

    def line(self, seconds):
        """The next line without its CRLFs, or None."""
        end = time.monotonic() + seconds
        while True:
            line, newline, rest = self.pending.partition(b"\r\n")
            if newline:
                self.pending = rest
                if line:
                    return line
                continue
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [],
                                              left)[0]:
                return None
            self.pending += os.read(self.master, 65536)

    def write(self, line):
        os.write(self.master, line.encode() + b"\r")


class Wild(Host):
    """Commands by chance; every line that comes must be one of the daemon's.

    Topics and payloads come in hexadecimal, so that a line is a line whatever
    the broker put into it.
    """

    LINES = re.compile(
        rb'OK|ERROR|\+CME ERROR: \d+|\+CEER: "[^\r\n]*"|\+MQTTCONF: [01]'
        rb'|\+MQTT(OPEN|CLOSE|SUB|UNSUB|PUB): [12],[01]'
        rb'|\+MQTTBREAK: [12],1'
        rb'|\+MQTTMSG: [12],[012],"[0-9A-F]{2,510}","[0-9A-F]*"'
        rb'|\+MQTTMSGI: [12],[012],\d+,\d+|\+MQTTREAD: [12],0,0,0'
        rb'|\+MQTTREAD: [12],[012],\d+,\d+,"[0-9A-F]{2,510}","[0-9A-F]*"')
    FINAL = re.compile(rb"OK|ERROR|\+CME ERROR: \d+")
    COMMANDS = (
        'AT+MQTTSUB={client},"t",{qos}', 'AT+MQTTUNSUB={client},"t"',
        'AT+MQTTPUB={client},"t",{qos},0,"hello"',
        'AT+MQTTPUB={client},"t",{qos},0,"hello"',
        'AT+MQTTPUB={client},"t",{qos},0,"hello"',
        "AT+MQTTREAD={client}", "AT+MQTTREAD={client}", "AT+CEER",
        "AT+MQTTCONF={conf}", "AT+MQTTCLOSE={client}", "AT")

    def __init__(self, seed, port):
        super().__init__()
        self.random = random.Random(f"{seed}/host")
        self.port = port
        self.commands = 0

    def take(self, seconds):
        line = self.line(seconds)
        if line is not None and not self.LINES.fullmatch(line):
            raise Failed(f"the host of the hostile broker got {line!r}")
        return line

    def command(self, line):
        self.write(line)
        self.commands += 1
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            got = self.take(1)
            if got and self.FINAL.fullmatch(got):
                return
        raise Failed(f"no answer to {line!r}")

    def open(self, client):
        """ERROR when it is open; else a result comes, whatever it is."""
        self.command(f'AT+MQTTOPEN={client},"127.0.0.1",{self.port},'
                     f"{self.random.randrange(2)},"
                     f"{self.random.choice((1, 60))}")

    def step(self):
        client = self.random.choice((1, 2))
        if self.random.random() < 0.3:
            self.open(client)
        else:
            self.command(self.random.choice(self.COMMANDS).format(
                client=client, qos=self.random.randrange(3),
                conf=self.random.randrange(2)))
        while self.take(self.random.choice((0, 0, 0.002, 0.01))):
            pass

    def finish(self):
        """Closed, and what was under way has ended."""
        for client in 1, 2:
            self.command(f"AT+MQTTCLOSE={client}")
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            self.take(0.1)


class Control(Host):
    """Publishes to itself: nothing may be missing, late or strange."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.rounds = 0
        self.failures = []

    def expect(self, line, *wanted):
        """These lines in any order."""
        self.write(line)
        missing = list(wanted)
        while missing:
            got = self.line(ANSWER_S)
            if got is None or got.decode(errors="replace") not in missing:
                raise Failed(f"{line}: {got!r} instead of {missing}")
            missing.remove(got.decode())

    def open(self):
        self.expect(f'AT+MQTTOPEN=1,"127.0.0.1",{self.port},1,60', "OK",
                    "+MQTTOPEN: 1,1")
        self.expect('AT+MQTTSUB=1,"c",2', "OK", "+MQTTSUB: 1,1")

    def step(self):
        qos, text = self.rounds % 3, f"round {self.rounds}"
        self.rounds += 1
        try:
            self.expect(f'AT+MQTTPUB=1,"c",{qos},0,"{text}"', "OK",
                        "+MQTTPUB: 1,1", f'+MQTTMSG: 1,{qos},"c","{text}"')
            if self.rounds % 50 == 0:
                self.expect("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
                self.open()
        except Failed as error:
            self.failures.append(error)
            while self.line(1):
                pass
        time.sleep(0.01)        # the other port is the one to be busy


# ---- the daemon ----

class Daemon:
    def __init__(self, directory, hosts):
        ttys = [host.tty.removeprefix("/dev/").replace("/", "")
                for host in hosts]
        config = pathlib.Path(directory) / "atmqttd.conf"
        config.write_text(CONFIG.format(directory=directory, ttys=ttys))
        self.log = pathlib.Path(directory) / "log"
        self.sanitized = b"__asan_init" in DAEMON.read_bytes()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [DAEMON, config, *(host.tty for host in hosts)],
                stdout=log, stderr=log)

    def lives(self):
        return self.process.poll() is None

    def memory(self, name):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M)[1])

    def mark(self):
        """The peak counts from here."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.memory("VmRSS")

    def end(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def good_broker(directory):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = pathlib.Path(directory) / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n"
                      "set_tcp_nodelay true\n")
    process = subprocess.Popen(["mosquitto", "-c", config],
                               stderr=subprocess.DEVNULL)
    for _ in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            break
        time.sleep(0.05)
    yield port
    process.kill()
    process.wait()


# ---- the run ----

def keep_stepping(host, until, errors):
    try:
        while not until.is_set():
            host.step()
    except Exception as error:
        errors.append(error)


def drive(daemon, hostile, wild, control, seconds):
    """What went wrong, and the memory's growth in KiB."""
    errors, until = [], threading.Event()
    control.open()
    threads = [threading.Thread(target=keep_stepping,
                                args=(host, until, errors))
               for host in (wild, control)]
    for thread in threads:
        thread.start()
    begun, mark = time.monotonic(), None
    while (daemon.lives() and not errors
           and time.monotonic() < begun + seconds):
        time.sleep(0.05)
        if mark is None and len(hostile.sessions) >= WARM_SESSIONS:
            mark = daemon.mark()
    until.set()
    for thread in threads:
        thread.join()
    if daemon.lives() and not errors:
        keep_stepping_once(wild.finish, errors)
    growth = 0
    if daemon.lives() and mark is not None:
        growth = daemon.memory("VmHWM") - mark
    return errors, growth


def keep_stepping_once(step, errors):
    try:
        step()
    except Failed as error:
        errors.append(error)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.randrange(10**6))
    print(f"seed {seed}", flush=True)
    hostile = Hostile(seed)
    hostile.start()
    with tempfile.TemporaryDirectory() as directory, \
            good_broker(directory) as port:
        wild, control = Wild(seed, hostile.port), Control(port)
        daemon = Daemon(directory, (wild, control))
        errors, growth = drive(daemon, hostile, wild, control, seconds)
        lived = daemon.lives()
        status = daemon.process.returncode
        daemon.end()
        if not lived:
            errors.append(f"the daemon ended with {status}")
        if growth > GROWTH_MAX_KIB and not daemon.sanitized:
            errors.append(f"its memory grew by {growth} KiB")
        if errors:
            print(daemon.log.read_text(errors="replace")[-6000:])
    for error in errors + control.failures:
        print(f"error: {error}")
    sessions = len(hostile.sessions)
    print(f"{wild.commands} commands, {control.rounds} control rounds, "
          f"memory grew by {growth} KiB")
    print(f"{sessions} sessions, "
          f"{sum(session.packets for session in hostile.sessions)} packets, "
          f"{sessions if lived else sessions - 1} survived, "
          f"{len(control.failures)} control failures")
    return 1 if errors or control.failures else 0


if __name__ == "__main__":
    sys.exit(main())
