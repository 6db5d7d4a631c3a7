# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""atmqttd in the guest, for tests that stop, kill or slow it."""
import os
import pathlib
import time

import bed

# of idle time; an emulated daemon restarts within it too
DATA_TIMEOUT_S = 8 if bed.EMULATED else 4

# where tests play Tuya's cloud: iot-dns, ATOP, its broker, and the broker
# that is taken without iot-dns
TUYA_DNS, TUYA_ATOP, TUYA_MQTT, TUYA_KNOWN = range(9441, 9445)
TUYA_S = 30 if bed.EMULATED else 5

# where tests play Unicom's platform, and how long registrations wait
UNICOM = 9451
REGISTRATION_S = 30 if bed.EMULATED else 4

# Small limits, so that a test meets them soon; boot lines come at once, and
# once.  Port 0 is the default model;
# port 1 is one without MQTT-SN and with the other way to echo.
CONFIG = """
state_dir = "{state}"
runtime_dir = "{state}/run"
port "{ttys[0]}" {{
	model = "L610"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	imei = "861234567890123"
	tls_ca = "{ca}"
	read_queue = 8
	data_timeout_ms = {timeout}
	boot_ms = 0
	announce_ms = 0
	off_ms = 200
}}
port "{ttys[1]}" {{
	model = "MC665"
	hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
	imei = "861234567890124"
	tls_ca = "{ca}"
	read_queue = 8
	boot_ms = 0
	announce_ms = 0
	off_ms = 200
}}
cloud "tuya" {{
	dns_url = "https://localhost:{tuya[0]}/v2/url_config"
	mqtt_host = "localhost"
	mqtt_port = {tuya[1]}
	ca = "{ca}"
	timeout_ms = {tuya_timeout}
	retry_min_ms = 200
	retry_max_ms = 400
}}
cloud "alibaba" {{
	dyn_host = "localhost"
	timeout_ms = {registration}
}}
cloud "tencent" {{
	timeout_ms = {registration}
}}
cloud "unicom" {{
	dyn_host = "localhost"
	dyn_port = {unicom}
	timeout_ms = {registration}
}}
"""


class State:
    """Its files in the guest."""

    def __init__(self):
        self.path = bed.stack.STATE
        bed.run(*bed.stack.make_places())

    def _name(self, name):
        return f"{self.path}/{name}"

    def names(self):
        return bed.run("ls", self.path).stdout.decode().split()

    def mode(self, name):
        return bed.run("stat", "-c", "%a", self._name(name)
                       ).stdout.decode().strip()

    def read(self, name):
        return bed.run("cat", self._name(name)).stdout.decode()

    def write(self, name, text):
        bed.run("tee", self._name(name), input=text.encode())

    def remove(self, name):
        bed.run("rm", "-f", self._name(name))


class Daemon:
    def __init__(self, binary, directory, ttys, ca, state):
        self.binary = binary
        self.config = pathlib.Path(directory) / "atmqttd.conf"
        self.config.write_text(CONFIG.format(
            ttys=ttys, ca=ca, state=state.path, timeout=1000 * DATA_TIMEOUT_S,
            tuya=(TUYA_DNS, TUYA_KNOWN), tuya_timeout=1000 * TUYA_S,
            unicom=UNICOM,
            registration=1000 * REGISTRATION_S))
        self.log = open(pathlib.Path(directory) / "atmqttd.log", "wb")
        self.ttys = ttys
        self.process = None

    def start(self, wait=True, **environment):
        """Returns when it owns its ports."""
        settings = [f"{name}={value}" for name, value in environment.items()]
        self.begin = os.fstat(self.log.fileno()).st_size
        self.process = bed.popen(
            "env", *settings, *bed.stack.as_daemon(
                self.binary, "--config", self.config, "--log-level", "debug"),
            stdout=self.log, stderr=self.log)
        if wait:
            self.wait_owned()

    def wait_owned(self):
        """Its log tells, without a program in a slow guest."""
        end = time.monotonic() + 90
        while not all(f"{tty}: bound\n".encode() in self.said()
                      for tty in self.ttys):
            assert time.monotonic() < end, "it owns not all of its ports"
            assert self.process.poll() is None, "it has ended"
            time.sleep(0.02)

    def wait_said(self, text, seconds=10):
        end = time.monotonic() + seconds * bed.SLOW
        while text.encode() not in self.said():
            assert time.monotonic() < end, f"its log has no {text!r}"
            time.sleep(0.02)

    def said(self):
        """Its log since the start."""
        with open(self.log.name, "rb") as file:
            file.seek(self.begin)
            return file.read()

    def pids(self):
        return bed.pids(self.binary, "--config", self.config)

    def signal(self, name):
        bed.signal(name, *self.pids())

    def end(self, name="KILL"):
        """Returns when it is gone; its exit status as the shell tells it."""
        if self.process.poll() is None:
            self.signal(name)
        return self.process.wait(30 * bed.SLOW)

    def restart(self, name="KILL", **environment):
        self.end(name)
        self.start(**environment)

    def close(self):
        self.end("TERM")
        self.log.close()
