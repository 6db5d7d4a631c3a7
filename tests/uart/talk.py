# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What runs in the guest, as seen from here: the daemon, owner.py, counters.py."""
import itertools
import json
import pathlib
import queue
import subprocess
import threading
import time

import bed

OWNER = pathlib.Path(__file__).with_name("owner.py")
COUNTERS = OWNER.with_name("counters.py")
NUMBERS = itertools.count()


def daemon(guest, **keys):
    """Starts it, or starts it again, with these keys of the port's section.

    Its boot lines have come then: a test would take them for an answer.
    """
    keys = {"boot_ms": 0, "announce_ms": 0, **keys}
    text = pathlib.Path(guest["config"]).read_text()
    lines = "".join(f"\t{key} = {value}\n" for key, value in keys.items())
    # a new name: the guest may not see that an old file has changed
    config = pathlib.Path(guest["run"]) / f"daemon{next(NUMBERS)}.conf"
    config.write_text(text.replace("\n}\n", "\n" + lines + "}\n"))
    guest["wire"].drain(0)
    control("restart", "--config", config)
    guest["wire"].skip(b"\r\n+SIM READY\r\n", 30)


def control(*argv):
    subprocess.run([bed.BED, "daemon", *argv], check=True, timeout=60)


def counters(guest):
    run = bed.run("python3", "-S", COUNTERS, guest["ttys"][0])
    return json.loads(run.stdout)


def until(condition, seconds=10):
    end = time.monotonic() + seconds * bed.SLOW
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


class Owner:
    def __init__(self, tty):
        self.process = bed.popen("python3", "-S", OWNER, tty,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def __enter__(self):
        self.answer(60)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)

    def read(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def next(self, seconds=5):
        """What it said next: an event, a line, data or an answer."""
        return self.said.get(timeout=seconds * bed.SLOW)

    def quiet(self, seconds):
        try:
            said = self.said.get(timeout=seconds)
        except queue.Empty:
            return
        raise AssertionError(f"unexpected {said}")

    def answer(self, seconds=5):
        said = self.next(seconds)
        assert "port" in said, said
        return said

    def ask(self, **request):
        """Makes a request; its answer, before which nothing else is said."""
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def expect_line(self, text, flags=0):
        said = self.next()
        assert (said.get("line"), said.get("flags")) == (text, flags), said

    def expect_event(self, event):
        said = self.next()
        assert said.get("event") == event, said
        return said
