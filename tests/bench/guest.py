# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Runs in the guest: each side on a pty of its own, measured by turns.

    this ── master ══ slave + n_at ── netlink ── atmqttd ──┐
    this ── master ══ slave ── bench-peer ─────────────────┼── mosquitto
    this ── master ══ slave ── atmqttd-direct ─────────────┘

    guest.py ROUNDS CA-FILE
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
N_AT = 29
# A round has short slices by turns: who shares the machine disturbs all alike.
SLICES = 4
ROUND_TRIPS, PIPELINED_AT = 50, 1000
PUBLISHES, PIPELINED_PUBLISHES, MESSAGES = 12, 500, 200
OK = b"\r\nOK\r\n"
# a client for each, and how it is opened
PLAIN, TLS = 1, 2
BROKER = {PLAIN: b"1883,1,60", TLS: b"8883,1,60,2"}


class Side:
    """A host at one of them, with both links open."""

    def __init__(self, name, directory, ca):
        self.name = name
        self.ca = ca
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        if name == "atmqtt":
            fcntl.ioctl(slave, termios.TIOCSETD, struct.pack("=i", N_AT))
            command = ["atmqttd", "--config", self.config(directory, path)]
        elif name == "peer":
            command = ["bench-peer", path, ca]
        else:
            command = ["atmqttd-direct", self.config(directory, path), path]
        self.slave = slave
        self.process = subprocess.Popen([BUILD / command[0], *command[1:]],
                                        stderr=subprocess.DEVNULL)
        os.set_blocking(self.master, False)
        self.exchange(b"ATE0\r", OK)
        self.exchange(b"AT\r", OK)
        self.memory = {"idle": self.resident()}
        for client, broker in BROKER.items():
            self.exchange(b'AT+MQTTOPEN=%d,"localhost",%s\r'
                          % (client, broker), b"+MQTTOPEN: %d,1\r\n" % client)
            self.exchange(b'AT+MQTTSUB=%d,"%s",0\r'
                          % (client, self.topic(client).encode()),
                          b"+MQTTSUB: %d,1\r\n" % client)
        self.memory["with two links"] = self.resident()

    def config(self, directory, tty_path):
        config = pathlib.Path(directory) / f"{self.name}.conf"
        name = tty_path.removeprefix("/dev/").replace("/", "")
        config.write_text(f'state_dir = "{directory}/{self.name}"\n'
                          f'port "{name}" {{\n\tmodel = "L610"\n'
                          f'\ttls_ca = "{self.ca}"\n'
                          '\thosts = { "127.0.0.1:*", "[::1]:*" }\n'
                          '\tresult_timeout_ms = 60000\n'   # of a busy machine
                          '\tboot_ms = 0\n\tannounce_ms = 0\n}\n')
        (config.parent / self.name).mkdir()
        return config

    def topic(self, client):
        return f"bench/{self.name}/{client}"

    def resident(self):
        """KiB: (all, of it its own, not of files)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+)", status)[1])
                for name in ("VmRSS", "RssAnon")]

    def exchange(self, data, mark, times=1):
        """Writes while it reads, until mark came so often; the µs it took."""
        line = data[:40]
        seen, tail, begun = 0, b"", time.perf_counter()
        while seen < times:
            ready, writable, _ = select.select(
                [self.master], [self.master] if data else [], [], 30)
            if not ready and not writable:
                sys.exit(f"{self.name}: {tail!r} and no {mark!r} "
                         f"after {line!r}")
            if ready:
                tail += os.read(self.master, 65536)
                seen += tail.count(mark)
                end = tail.rfind(mark) + len(mark) if mark in tail else 0
                tail = tail[max(end, len(tail) - len(mark) + 1):]
            if writable:
                data = data[os.write(self.master, data[:4096]):]
        return (time.perf_counter() - begun) * 1e6


# ---- what the guest's processors did ----

def busy():
    """ns of all tasks so far, without ours: the host is another machine."""
    tasks = sum(int(line.split()[7]) for line in open("/proc/schedstat")
                if line.startswith("cpu"))
    return tasks - time.process_time_ns()


def measured(work, times):
    """work() does it so often, and returns the µs of one; with its CPU µs."""
    before = busy()
    took = work()
    return took, (busy() - before) / 1000 / times


# ---- the measures: (µs, CPU µs) for one command or message ----

def one_by_one(line, mark, times):
    """The median of their times: each waits for the answer to the last."""
    def measure(side):
        return measured(lambda: statistics.median(
            side.exchange(line, mark) for _ in range(times)), times)
    return measure


def pipelined(line, mark, times):
    def measure(side):
        return measured(lambda: side.exchange(line * times, mark, times)
                        / times, times)
    return measure


def publish(client, qos, size):
    return (b'AT+MQTTPUB=%d,"bench/up",%d,0,"%s"\r'
            % (client, qos, b"x" * size), b"+MQTTPUB: %d,1\r\n" % client)


def publish_data(client, size):
    """The payload right behind, as a host sends it that reads no prompt."""
    return (b'AT+MQTTPUB=%d,"bench/up",1,0,%d\r' % (client, size)
            + b"x" * size, b"+MQTTPUB: %d,1\r\n" % client)


def received(client):
    def measure(side):
        publisher = subprocess.Popen(
            ["mosquitto_pub", "-t", side.topic(client), "-l"],
            stdin=subprocess.PIPE, bufsize=0)
        line, mark = b"y" * 64 + b"\n", b"+MQTTMSG: %d,0," % client
        publisher.stdin.write(line)
        side.exchange(b"", mark)        # it is connected
        def burst():
            publisher.stdin.write(line * MESSAGES)
            return side.exchange(b"", mark, MESSAGES) / MESSAGES
        result = measured(burst, MESSAGES)
        publisher.stdin.close()
        publisher.wait()
        return result
    return measure


def of_link(client):
    """What is measured over one link."""
    return {
        **{f"publish 64 bytes, QoS {qos}":
           one_by_one(*publish(client, qos, 64), PUBLISHES)
           for qos in (0, 1, 2)},
        "publish 1024 bytes, QoS 1":
            one_by_one(*publish(client, 1, 1024), PUBLISHES),
        "publish 1024, not in the line":
            one_by_one(*publish_data(client, 1024), PUBLISHES),
        "one of 500 pipelined, QoS 1":
            pipelined(*publish(client, 1, 64), PIPELINED_PUBLISHES),
        "one of 200 received, 64 bytes": received(client),
    }


COMMANDS = {
    "AT to OK": one_by_one(b"AT\r", OK, ROUND_TRIPS),
    "one of 1000 pipelined AT": pipelined(b"AT\r", OK, PIPELINED_AT),
}
LINKS = {"MQTT": of_link(PLAIN), "MQTT over TLS": of_link(TLS)}
GROUPS = {"commands": COMMANDS, **LINKS}


def main():
    rounds, ca = int(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as directory:
        sides = [Side(name, directory, ca)
                 for name in ("atmqtt", "peer", "direct")]
        results = {group: {name: {side.name: [] for side in sides}
                           for name in measures}
                   for group, measures in GROUPS.items()}
        for number in range(rounds):
            for group, measures in GROUPS.items():
                # the core is the same: only the way to the tty differs
                turns = sides if group == "commands" else sides[:2]
                for name, measure in measures.items():
                    for turn in range(SLICES):
                        for side in turns[::-1] if turn % 2 else turns:
                            results[group][name][side.name].append(
                                measure(side))
            print(f"bench: round {number + 1}", file=sys.stderr, flush=True)
        for side in sides:
            side.process.kill()
    print(json.dumps({"slices": results, "memory": {
        side.name: side.memory for side in sides}}))


main()
