# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Prints what guest.py measures: medians of all slices, and their ratios.

The argument is the number of rounds (default 7).  CPU is that of the whole
guest, kernel and broker, without the host that the bench plays.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BED = HERE.parent / "bed" / "bed"
TIME, CPU = 0, 1


def measure(rounds):
    """{"slices": {group: {measure: {side: [[µs, CPU µs]]}}},
    "memory": {side: {when: [KiB, KiB]}}}"""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["ATMQTT_BED"] = directory + "/bed"
        up = subprocess.run([BED, "up", "--no-attach", "--kernel", "qemu"],
                            stdout=subprocess.PIPE, check=True, timeout=1800)
        try:
            certs = json.loads(up.stdout.splitlines()[-1])["certs"]
            run = subprocess.run(
                [BED, "exec", "--", "/usr/bin/python3", "-B",
                 HERE / "guest.py", str(rounds), f"{certs}/ca.pem"],
                stdout=subprocess.PIPE, check=True, timeout=3600)
        finally:
            subprocess.run([BED, "down"], check=False, timeout=60)
    return json.loads(run.stdout)


def pair(ours, other):
    """Two figures and their ratio."""
    return f"{ours:10.1f}{other:9.1f}{ours / other:6.2f}"


def head(title, other, *units):
    print(f"{'':29}" + "".join(f"{unit:>25}" for unit in units))
    print(f"{title:29}" + f"{'atmqtt':>10}{other:>9}{'ratio':>6}" * len(units))


def times(title, measures, other):
    head(title, other, "µs each", "CPU, µs each")
    for name, slices in measures.items():
        print(f"{name:29}" + "".join(
            pair(*(statistics.median(slice_[what] for slice_ in slices[side])
                   for side in ("atmqtt", other)))
            for what in (TIME, CPU)))


def memory(sides):
    head("memory", "peer", "KiB resident", "KiB of its own")
    for when, ours in sides["atmqtt"].items():
        print(f"{when:29}" + "".join(map(pair, ours, sides["peer"][when])))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"bench: {rounds} rounds in the guest, all sides by turns",
          flush=True)
    results = measure(rounds)
    for title, measures in results["slices"].items():
        times(title, measures, "peer")
    times("with n_at, and without", results["slices"]["commands"], "direct")
    memory(results["memory"])


main()
