# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What both kinds of guest have in common."""
import ctypes
import signal
from collections import namedtuple

# process, the two halves of the agent's link, [{"host": pty, "tty": name}]
Started = namedtuple("Started", "process reader writer ports")

PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In the child: no guest outlives its keeper."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
