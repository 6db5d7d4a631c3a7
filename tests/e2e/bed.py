# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The test bed as seen from Python: what runs in the guest, and for how long."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "bed"))

import stack            # noqa: E402

BED = ROOT / "tests" / "bed" / "bed"
OWNER = f"--owner={stack.USER}"     # for who attaches a port of the daemon's
KERNEL = os.environ.get("BED_KERNEL", "uml")
REAL_UART = KERNEL != "uml"     # with a driver, a speed and modem lines
EMULATED = KERNEL != "uml"      # each instruction: 10 to 30 times slower

# KASAN, lockdep and a machine that does other things: limits are multiplied.
SLOW = float(os.environ.get("BED_SLOW", "4"))


def up(*options):
    """Starts the bed and returns the JSON that it prints."""
    run = subprocess.run([BED, "up", "--kernel", KERNEL, *options],
                         stdout=subprocess.PIPE, check=True, timeout=1800)
    return json.loads(run.stdout.splitlines()[-1])


def down():
    subprocess.run([BED, "down"], check=True, timeout=60)


def check_log():
    """Fails if the guest's kernel reported anything."""
    subprocess.run([BED, "log", "--check"], check=True, timeout=60)


def command(*argv):
    return [BED, "exec", "--", *map(str, argv)]


def run(*argv, timeout=60, check=True, **kwargs):
    """A command inside, to its end; returns its CompletedProcess."""
    kwargs.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(command(*argv), timeout=timeout, check=check,
                          **kwargs)


def popen(*argv, **kwargs):
    """A command inside that goes on; ended when its local end is killed."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command(*argv), **kwargs)


def pids(*words):
    """The guest's processes whose command line starts with these words."""
    found = run("pgrep", "-f", "^" + " ".join(map(str, words)), check=False)
    return [int(pid) for pid in found.stdout.split()]


def signal(name, *pids_):
    if pids_:
        run("kill", f"-{name}", *pids_, check=False)
