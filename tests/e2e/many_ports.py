# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""many_ports.py ATMQTTD N TRIES: in the guest, N ptys with n_at and a daemon
for them, of which the first may be flooded; prints what became of the others'
publishes, quiet and then beside the flood, as JSON.

    this program ── N masters ══ N slaves + n_at ── atmqttd ── mosquitto
"""
import array
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import termios
import time
import tty

DAEMON, N, TRIES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
N_AT = 29
PATIENCE_S = 30
FLOOD = b'AT+MQTTPUB=1,"flood",0,0,"xxxxxxxxxxxxxxxx"\r' * 20


class Host:
    def __init__(self):
        self.master, self.slave = pty.openpty()
        self.got = b""
        self.name = os.ttyname(self.slave).removeprefix("/dev/").replace(
            "/", "")
        tty.setraw(self.slave)
        fcntl.ioctl(self.slave, termios.TIOCSETD, array.array("i", [N_AT]))

    def expect(self, pattern):
        end = time.monotonic() + PATIENCE_S
        while not (found := re.search(pattern, self.got)):
            left = max(end - time.monotonic(), 0)
            if not select.select([self.master], [], [], left)[0]:
                raise TimeoutError(f"{self.name}: {pattern}: {self.got}")
            self.got += os.read(self.master, 65536)
        self.got = self.got[found.end():]
        return found

    def command(self, line, pattern):
        os.write(self.master, line.encode() + b"\r")
        return self.expect(pattern)

    def open(self):
        self.command("ATE0", rb"OK\r\n")
        self.command('AT+MQTTOPEN=1,"127.0.0.1",1883,1,60',
                     rb"\+MQTTOPEN: 1,1\r\n")

    def publish(self):
        """The status, and the times of OK and of the result."""
        begun = time.monotonic()
        self.command('AT+MQTTPUB=1,"calm",1,0,"x"', rb"OK\r\n")
        answered = time.monotonic()
        status = self.expect(rb"\+MQTTPUB: 1,(\d)\r\n")[1]
        return int(status), answered - begun, time.monotonic() - answered


def start_daemon(directory, hosts):
    config = pathlib.Path(directory) / "atmqttd.conf"
    config.write_text(
        f'state_dir = "{directory}"\nruntime_dir = "{directory}"\n'
        'control = ""\n' + "".join(
            f'port "{host.name}" {{ boot_ms = 0 announce_ms = 0 '
            'hosts = "127.0.0.1:1883" '
            f'imei = "{n:015}" }}\n' for n, host in enumerate(hosts)))
    return subprocess.Popen([DAEMON, "-c", config, "-l", "warning"])


def flood(host):
    """Its output is read, so that nothing but the daemon slows it."""
    os.set_blocking(host.master, False)
    out = FLOOD
    while True:
        readable, writable, _ = select.select([host.master], [host.master],
                                              [])
        if readable:
            os.read(host.master, 65536)
        if writable:
            out = out[os.write(host.master, out):] or FLOOD


def measure(hosts):
    told = [host.publish() for _ in range(TRIES) for host in hosts]
    return {"failed": sum(status != 1 for status, _, _ in told),
            "ok_s": sorted(ok for _, ok, _ in told),
            "result_s": sorted(result for _, _, result in told)}


def main():
    hosts = [Host() for _ in range(N)]
    with tempfile.TemporaryDirectory() as directory:
        daemon = start_daemon(directory, hosts)
        try:
            for host in hosts:
                host.open()
            quiet = measure(hosts[1:])
            flooder = os.fork()
            if not flooder:
                flood(hosts[0])
            try:
                loud = measure(hosts[1:])
            finally:
                os.kill(flooder, 9)
                os.waitpid(flooder, 0)
            print(json.dumps({"quiet": quiet, "loud": loud}))
        finally:
            daemon.terminate()
            daemon.wait()


main()
