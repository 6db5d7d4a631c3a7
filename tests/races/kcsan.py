# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""KCSAN's reports in a kernel log: ours, and those of the kernel itself.

A report is ours when one of the two accesses is made by a function of n_at:

    BUG: KCSAN: data-race in ldisc_receive / tty_set_termios
    write to 0x... of 4 bytes by task 123 on cpu 0:
     tty_set_termios+0x...
     ...
    read to 0x... of 4 bytes by task 124 on cpu 1:
     ldisc_receive+0x.../0x... [n_at]
"""
import re

STAMP = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ?")
FENCE = "=" * 66
ACCESS = re.compile(r"^(?:read|write|read-write|race at)\b.* by (?:task|interrupt)")


def reports(lines):
    """Each as a list of its lines, without time stamps."""
    found, current = [], None
    for line in (STAMP.sub("", line) for line in lines):
        if "BUG: KCSAN:" in line:
            current = [line]
        elif current and line.startswith(FENCE):
            found.append(current)
            current = None
        elif current:
            current.append(line)
    return found


def is_ours(report):
    accesses = [i for i, line in enumerate(report) if ACCESS.match(line)]
    return any("[n_at]" in report[i + 1] for i in accesses
               if i + 1 < len(report))


def title(report):
    return report[0].partition("data-race in ")[2]
