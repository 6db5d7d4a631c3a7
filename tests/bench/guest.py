# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Runs in the guest: both daemons on a pty each, measured by turns.

    this ── master ══ slave + n_at ── netlink ── atmqttd ──┐
    this ── master ══ slave ── atmqttd-direct ─────────────┴── mosquitto
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
# A round has short slices by turns: who shares the machine disturbs both alike.
SLICES = 4
ROUND_TRIPS, PIPELINED, PUBLISHES, MESSAGES = 50, 1000, 12, 75
TRACING = pathlib.Path("/sys/kernel/tracing")


class Side:
    """A host at one of the two."""

    def __init__(self, name, directory):
        self.name = name
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        config = pathlib.Path(directory) / f"{name}.conf"
        config.write_text(
            f'state_dir = "{directory}/{name}"\n'
            f'port "{path.removeprefix("/dev/").replace("/", "")}" '
            '{ model = "L716" hosts = { "127.0.0.1:*" } }\n')
        (config.parent / name).mkdir()
        if name == "n_at":
            fcntl.ioctl(slave, termios.TIOCSETD, struct.pack("=i", N_AT))
            command = [BUILD / "atmqttd", "--config", config]
        else:
            command = [BUILD / "atmqttd-direct", config, path]
        self.slave = slave
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        os.set_blocking(self.master, False)
        self.exchange(b"ATE0\r", b"\r\nOK\r\n")
        self.exchange(b"AT\r", b"\r\nOK\r\n")
        self.exchange(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r',
                      b"+MQTTOPEN: 1,1\r\n")
        self.exchange(b'AT+MQTTSUB=1,"bench/%s",0\r' % name.encode(),
                      b"+MQTTSUB: 1,1\r\n")

    def exchange(self, data, mark, times=1):
        """Writes while it reads, until mark came so often; µs it took, from
        the first byte written, or else from the first byte read."""
        seen, tail, begun = 0, b"", time.perf_counter() if data else None
        while seen < times:
            ready, writable, _ = select.select(
                [self.master], [self.master] if data else [], [], 30)
            if not ready and not writable:
                sys.exit(f"{self.name}: silence after {tail!r}")
            if ready:
                tail += os.read(self.master, 65536)
                begun = begun or time.perf_counter()
                seen += tail.count(mark)
                end = tail.rfind(mark) + len(mark) if mark in tail else 0
                tail = tail[max(end, len(tail) - len(mark) + 1):]
            if writable:
                data = data[os.write(self.master, data[:4096]):]
        return (time.perf_counter() - begun) * 1e6

    # ---- the measures, in µs for one command or message ----

    def round_trip(self):
        return statistics.median(self.exchange(b"AT\r", b"\r\nOK\r\n")
                                 for _ in range(ROUND_TRIPS))

    def pipelined(self):
        return self.exchange(b"AT\r" * PIPELINED, b"\r\nOK\r\n",
                             PIPELINED) / PIPELINED

    def publish(self, size):
        line = b'AT+MQTTPUB=1,"bench/up",1,0,"%s"\r' % (b"x" * size)
        return statistics.median(self.exchange(line, b"+MQTTPUB: 1,1\r\n")
                                 for _ in range(PUBLISHES))

    def receive(self):
        publisher = subprocess.Popen(
            ["mosquitto_pub", "-t", f"bench/{self.name}", "-l"],
            stdin=subprocess.PIPE)
        publisher.stdin.write((b"y" * 64 + b"\n") * MESSAGES)
        publisher.stdin.close()
        took = self.exchange(b"", b"+MQTTMSG: 1,0,", MESSAGES)
        publisher.wait()
        return took / MESSAGES


def system_calls(side, work, times):
    """What the daemon's own thread calls while work() is done, or None."""
    event = TRACING / "events/raw_syscalls/sys_enter"
    if not event.exists():
        subprocess.run(["mount", "-t", "tracefs", "none", TRACING],
                       stderr=subprocess.DEVNULL, check=False)
    try:
        trigger = f"hist:keys=common_pid if common_pid == {side.process.pid}"
        (event / "trigger").write_text(trigger)
        work()
        hits = re.search(r"Hits: (\d+)", (event / "hist").read_text())
        (event / "trigger").write_text("!" + trigger)
    except OSError:         # a kernel without
        return None
    return int(hits[1]) / times


def count_calls(side):
    return {
        "AT to OK": system_calls(side, side.round_trip, ROUND_TRIPS),
        "one of 1000 pipelined AT":
            system_calls(side, side.pipelined, PIPELINED),
        "received message of 64 bytes":
            system_calls(side, side.receive, MESSAGES),
    }


MEASURES = {
    "AT to OK": Side.round_trip,
    "one of 1000 pipelined AT": Side.pipelined,
    "publish of 64 bytes, QoS 1": lambda side: side.publish(64),
    "publish of 1024 bytes, QoS 1": lambda side: side.publish(1024),
    "received message of 64 bytes": Side.receive,
}


def main():
    with tempfile.TemporaryDirectory() as directory:
        sides = [Side(name, directory) for name in ("n_at", "direct")]
        results = {name: {side.name: [] for side in sides}
                   for name in MEASURES}
        for number in range(int(sys.argv[1])):
            for name, measure in MEASURES.items():
                for turn in range(SLICES):
                    for side in sides[::-1] if turn % 2 else sides:
                        results[name][side.name].append(measure(side))
            print(f"bench: round {number + 1}", file=sys.stderr, flush=True)
        calls = {side.name: count_calls(side) for side in sides}
        for side in sides:
            side.process.kill()
    print(json.dumps({"times": results, "calls": calls}))


main()
