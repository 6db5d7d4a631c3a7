# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""mosquitto in the guest, and its clients as the other side of a test."""
import concurrent.futures
import contextlib
import pathlib
import select
import subprocess
import time

import bed
from bed import SLOW


class Subscriber:
    """mosquitto_sub; made when the broker has confirmed the subscription."""

    def __init__(self, topic, port=1883, qos=2, options=()):
        self.process = bed.popen(
            "stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1",
            "-p", port, "-t", topic, "-q", qos, *options,
            "-F", "MSG %q %r %t %x", stdout=subprocess.PIPE)
        self.data = b""
        self._line(b"Subscribed", 10)

    def _line(self, start, timeout):
        """The rest of the next line that begins so; others are dropped."""
        end = time.monotonic() + timeout * SLOW
        out = self.process.stdout
        while True:
            line, newline, rest = self.data.partition(b"\n")
            if newline:
                self.data = rest
                if line.startswith(start):
                    return line[len(start):]
                continue
            left = end - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return None
            more = out.read1(65536)
            if not more:
                return None
            self.data += more

    def message(self, timeout=5):
        """The next message: topic, payload, qos, retained; None in time."""
        line = self._line(b"MSG ", timeout)
        if line is None:
            return None
        qos, retained, rest = line.split(b" ", 2)
        topic, _, payload = rest.rpartition(b" ")
        return (topic.decode(), bytes.fromhex(payload.decode()), int(qos),
                retained == b"1")

    def expect(self, topic, payload, qos=None, retained=False):
        message = self.message()
        assert message is not None, f"no message, wanted {payload!r}"
        want = (topic, payload, message[2] if qos is None else qos, retained)
        assert message == want

    def none(self, seconds=0.5):
        message = self.message(seconds / SLOW)
        assert message is None, f"unexpected {message}"

    def close(self):
        self.process.kill()
        self.process.wait()


def publish(topic, payload, qos=0, retain=False, port=1883):
    """One message, by the time of the return at the broker."""
    bed.run("mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-t", topic,
            "-q", qos, "-s" if payload else "-n", *(["-r"] if retain else []),
            input=payload)


@contextlib.contextmanager
def publishing(topic, payload):
    """A message that comes while the block reads its UART.

    QEMU's PL011 stops the whole guest, mosquitto_pub with it, when 4096 bytes
    wait for the UART's other end.
    """
    with concurrent.futures.ThreadPoolExecutor() as pool:
        published = pool.submit(publish, topic, payload)
        yield
        published.result()


def publish_lines(topic, lines, qos=0, port=1883):
    """One message a line over one connection."""
    bed.run("mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-t", topic,
            "-q", qos, "-l", input="".join(l + "\n" for l in lines).encode())


class Broker:
    """A mosquitto of the test's own, for what the bed's must not suffer."""

    def __init__(self, directory, config, port, env=()):
        self.config = pathlib.Path(directory) / f"mosquitto-{port}.conf"
        self.config.write_text("user root\nallow_anonymous true\n"
                               "set_tcp_nodelay true\n" + config)
        self.port = port
        self.env = [f"{name}={value}" for name, value in env]
        self.process = None
        self.start()

    def start(self):
        self.process = bed.popen("env", *self.env, "mosquitto", "-c",
                                 self.config, stderr=subprocess.DEVNULL)
        wait_port(self.port)

    def pids(self):
        return bed.pids("mosquitto", "-c", self.config)

    def signal(self, name):
        bed.signal(name, *self.pids())

    def stop(self, name="KILL"):
        self.signal(name)
        self.process.wait(20 * SLOW)

    def close(self):
        if self.process.poll() is None:
            self.stop()


WAIT_PORT = """
import socket, sys, time
end = time.monotonic() + 60
while True:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
        break
    except OSError:
        if time.monotonic() > end:
            sys.exit("nobody listens")
        time.sleep(0.05)
"""


def wait_port(port):
    bed.run("python3", "-S", "-c", WAIT_PORT, port, timeout=90)
