# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""`atmqttctl monitor` in the guest: what passed a port, and when by n_at."""
import datetime
import json
import re
import select
import subprocess
import time

import bed

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} ")


class Monitor:
    """Its lines: whole, as events without their times, or what --json has."""

    def __init__(self, binary, *arguments, **kwargs):
        self.binary = binary
        self.process = bed.popen(binary, "monitor", *arguments,
                                 stdout=subprocess.PIPE, bufsize=0, **kwargs)
        self.pending = b""

    def line(self, timeout=10):
        end = time.monotonic() + timeout * bed.SLOW
        while b"\n" not in self.pending:
            left = max(0, end - time.monotonic())
            ready, _, _ = select.select([self.process.stdout], [], [], left)
            assert ready, "the monitor says nothing"
            data = self.process.stdout.read(65536)
            assert data, "the monitor has ended"
            self.pending += data
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode("ascii")

    def event(self):
        line = self.line()
        assert TIME.match(line), line
        return line[len(TIME.match(line)[0]):]

    def expect(self, *wanted):
        for want in wanted:
            assert self.event() == want

    def until(self, wanted):
        while self.event() != wanted:
            pass

    def output(self):
        """With --json: the next that went out, (seconds, text)."""
        while True:
            event = json.loads(self.line())
            if event["direction"] == "out":
                when = datetime.datetime.fromisoformat(event["time"])
                return when.timestamp(), event["data"]

    def pids(self):
        return bed.pids(self.binary, "monitor")

    def end(self):
        """SIGINT, as by Ctrl-C"""
        bed.signal("INT", *self.pids())
        return self.process.wait(30 * bed.SLOW)
