# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The suites that need a guest, on stock kernels with real UART drivers.

As arguments the kernels (default: all): 5.10, 6.1, 6.12, newest, each with
:arm64 for that architecture.  An emulated processor takes its time: half an
hour a kernel.  Ends in a table; fails when a test did.  What the suites say
is in build/kernels/KERNEL-SUITE.log.  $SUITES names those to run (default:
all): netlink, e2e, uart.
"""
import os
import re
import sys
import tempfile
import time
from collections import namedtuple

import check

KERNELS = ["5.10", "6.1", "6.12", "newest", "6.1:arm64"]
CPUS = 2
SUITES = [(name, script, count) for name, _, script, count
          in check.GUEST + check.FIRMWARE
          if name == "netlink" or name.startswith("e2e")]
SUITES.append(("uart", f"{check.PYTEST} tests/uart", check.pytest))
WANTED = os.environ.get("SUITES", "").split()
LOGS = check.ROOT / "build" / "kernels"

Row = namedtuple("Row", "kernel arch cpus suite passed failed skipped seconds")


class Run(check.Run):
    TELL_SECONDS = 120
    LIMIT_SECONDS = 5400

    def suite(self, kernel, name, script, count, bed):
        series, _, arch = kernel.partition(":")
        begun = time.monotonic()
        self.environment.update(BED_KERNEL=f"qemu:{kernel}",
                                BED_CPUS=str(CPUS), ATMQTT_BED_LIFETIME="7200")
        log = LOGS / f"{kernel.replace(':', '-')}-{name}.log"
        passed, failed = self.attempt(f"{kernel} {name}", log, script, count,
                                      bed)
        skipped = re.findall(r"(\d+) skipped", log.read_text(errors="replace"))
        return Row(series, arch or "amd64", CPUS, name, passed, failed,
                   int(skipped[-1]) if skipped else 0,
                   round(time.monotonic() - begun))


def print_table(rows):
    table = [Row._fields] + rows
    widths = [max(len(str(row[i])) for row in table)
              for i in range(len(Row._fields))]
    for row in table:
        print("  ".join(str(cell).ljust(width)
                        for cell, width in zip(row, widths)).rstrip())


def main():
    LOGS.mkdir(parents=True, exist_ok=True)
    run = Run([])
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for kernel in sys.argv[1:] or KERNELS:
            for suite in SUITES:
                if not WANTED or suite[0] in WANTED:
                    rows.append(run.suite(kernel, *suite, directory + "/bed"))
    for note in run.notes:
        print(note)
    print_table(rows)
    failed = sum(row.failed for row in rows)
    print(f"{sum(row.passed for row in rows)} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
