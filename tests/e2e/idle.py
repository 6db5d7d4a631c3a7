# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""An idle bed on a machine that does other things.

The bed's processes and the test go ahead of the machine's others; what cannot
is asked how long it had to wait.
"""
import contextlib
import os
import select
import statistics
import time

LIMIT = 0.020           # seconds: what the strictest host gives


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


class Waiting:
    """For how long what a byte passes through waited for a processor.

    These are the test, the bed, and the kernel's workers: a pty's bytes are
    moved by one of them (tty_flip_buffer_push), and no priority of ours makes
    it run ahead of the machine's other work.
    """

    def __init__(self):
        pids = [os.getpid(), *bed_processes()]
        pids += [int(pid) for pid in filter(str.isdigit, os.listdir("/proc"))
                 if _read(pid, "comm").startswith("kworker/u")]
        self.files = []
        for pid in pids:
            with contextlib.suppress(OSError):
                self.files.append(open(f"/proc/{pid}/schedstat"))

    def seconds(self):
        """So far, in all."""
        total = 0
        for file in self.files:
            with contextlib.suppress(OSError):      # it has ended
                file.seek(0)
                total += int(file.read().split()[1])
        return total / 1e9

    def close(self):
        for file in self.files:
            file.close()


def one_try(host, waiting, line, answer):
    """From the CR's write to the answer's first byte: by the clock, and
    without what the machine's other work took of it."""
    waited, start = waiting.seconds(), time.monotonic()
    os.write(host.fd, line)
    select.select([host.fd], [], [], 5)
    taken = time.monotonic() - start
    waited = waiting.seconds() - waited
    host.expect(answer)
    time.sleep(0.002)
    return taken, taken - min(taken, waited)


def report(what, times):
    count = sum(taken > LIMIT for taken in times)
    low, middle, high = (1000 * f(times) for f in
                         (min, statistics.median, max))
    print(f"{what}: min {low:.2f} median {middle:.2f} max {high:.2f} ms, "
          f"{count} of {len(times)} beyond 20 ms")
    return count


def late(host, line, answer, tries):
    """How many answers would begin too late if the machine were idle."""
    waiting = Waiting()
    try:
        with ahead_of_others():
            taken = [one_try(host, waiting, line, answer)
                     for _ in range(tries)]
    finally:
        waiting.close()
    clock, net = zip(*taken)
    report(f"{line.decode()!r} by the clock", clock)
    return report(f"{line.decode()!r} on an idle machine", net)
