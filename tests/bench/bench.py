# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Prints what guest.py measures: medians, and n_at's ratio to its peer.

The argument is the number of rounds (default 7).
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
KERNEL = os.environ.get("BED_KERNEL", "qemu")


def measure(rounds):
    """{measure: {"n_at": [...], "direct": [...]}}, in µs"""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["ATMQTT_BED"] = directory + "/bed"
        subprocess.run([BED, "up", "--no-attach", "--kernel", KERNEL],
                       stdout=subprocess.DEVNULL, check=True, timeout=1800)
        try:
            run = subprocess.run(
                [BED, "exec", "--", "/usr/bin/python3", "-B",
                 HERE / "guest.py", str(rounds)],
                stdout=subprocess.PIPE, check=True, timeout=1800)
        finally:
            subprocess.run([BED, "down"], check=False, timeout=60)
    return json.loads(run.stdout)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"bench: {rounds} rounds in the {KERNEL} guest, n_at and the peer "
          "by turns", flush=True)
    results = measure(rounds)
    print(f"{'median of the rounds, µs each':34}{'n_at':>10}{'direct':>10}"
          f"{'ratio':>8}")
    for name, sides in results.items():
        ours, peer = map(statistics.median, (sides["n_at"], sides["direct"]))
        print(f"{name:34}{ours:10.1f}{peer:10.1f}{ours / peer:8.2f}")


main()
