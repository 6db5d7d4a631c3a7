# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Prints what guest.py measures: medians, and n_at's ratio to its peer.

The argument is the number of rounds (default 7).  The last column is the ratio
of the lower quartiles, which others on the machine disturb less.
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
    """{"times": {measure: {side: [µs]}}, "calls": {side: {measure: n}}}"""
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
    print(f"{'median of all slices, µs each':34}{'n_at':>10}{'direct':>10}"
          f"{'ratio':>8}{'quiet':>8}")
    for name, sides in results["times"].items():
        ours, peer = (statistics.quantiles(sides[side])
                      for side in ("n_at", "direct"))
        print(f"{name:34}{ours[1]:10.1f}{peer[1]:10.1f}"
              f"{ours[1] / peer[1]:8.2f}{ours[0] / peer[0]:8.2f}")
    print("system calls of the daemon's thread")
    for name, ours in results["calls"]["n_at"].items():
        if ours is not None:
            print(f"{name:34}{ours:10.2f}"
                  f"{results['calls']['direct'][name]:10.2f}")


main()
