# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""An idle bed on a machine that does other things.

The bed's processes and the test go ahead of the machine's others, and a
witness on each processor notes when that did not run at all: a virtual
machine is not always given its processors.
"""
import contextlib
import os
import subprocess
import sys

WITNESS = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
except PermissionError:
    pass
last = time.monotonic()
while True:
    time.sleep(0.001)
    now = time.monotonic()
    if now - last > 0.004:
        print(last, now, flush=True)
    last = now
"""


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}") as file:
            return file.read()
    except OSError:
        return ""


def bed_processes():
    """The bed's keeper, the guest and the guest's own processes."""
    run = os.environ["ATMQTT_BED"]
    found, tree = [], {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        words = _read(pid, "cmdline").split("\0")
        if run in words and any(w.endswith("keeper.py") for w in words):
            found.append(int(pid))
        stat = _read(pid, "stat").rpartition(")")[2].split()
        if stat:
            tree.setdefault(int(stat[1]), []).append(int(pid))
    for pid in found:
        found += tree.get(pid, [])
    return found


def set_policy(policy, priority):
    for pid in [os.getpid(), *bed_processes()]:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.sched_setscheduler(pid, policy, os.sched_param(priority))


@contextlib.contextmanager
def ahead_of_others():
    set_policy(os.SCHED_RR, 1)
    try:
        yield
    finally:
        set_policy(os.SCHED_OTHER, 0)


class Witness:
    def __init__(self):
        self.processes = [
            subprocess.Popen([sys.executable, "-S", "-c", WITNESS, str(cpu)],
                             stdout=subprocess.PIPE, text=True)
            for cpu in os.sched_getaffinity(0)]

    def end(self):
        """The times (start, end) in which some processor did not run."""
        stalls = []
        for process in self.processes:
            process.terminate()
            lines = process.communicate()[0].splitlines()
            stalls += [tuple(map(float, line.split())) for line in lines]
        return stalls
