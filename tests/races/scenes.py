# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Which programs run at once, and the faults of other line disciplines (K1 to
K22, see README.md) that they would bring out.

In a command {ttys} stands for all of them, {uarts} for the real ones and {ptys}
for the names that `ptys` gives its slaves; {stricts} are ends of null modems
whose driver tells when it is used while it is off, {strict_hosts} the other
ends; {t} is the time in seconds.
"""
from collections import namedtuple

# host: the programs outside the guest, on the other ends of the UARTs
Scene = namedtuple("Scene", "name faults host guest")

TRAFFIC = ["traffic {t} {hosts}"]
PTYS = "ptys {t} {ptys}"
HOLDER = "holder {t} {ttys}"
OWNER = "owner {t}"

SCENES = [
    Scene("attach", "K1 K2 K3 K11 K13 K14", TRAFFIC,
          [PTYS, OWNER, "attach {t} {ttys}"]),
    Scene("flush", "K9 K11 K18", TRAFFIC,
          [PTYS, OWNER, HOLDER, "flush {t} {ttys}"]),
    Scene("hangup", "K8 K12 K15 K17", TRAFFIC,
          [PTYS, OWNER, HOLDER, "hangup {t} {ttys}"]),
    Scene("speed", "K2 K4 K18", TRAFFIC,
          [PTYS, OWNER, HOLDER, "speed {t} {ttys}"]),
    Scene("opener", "K2 K4 K11 K17", TRAFFIC,
          [PTYS, OWNER, HOLDER, "opener {t} {ttys}"]),
    Scene("owner", "K1 K2 K5 K6 K15 K21", TRAFFIC,
          [PTYS, "owner {t} 2", HOLDER, "spammer {t}"]),
    # a long time for a line, so that the driver is throttled
    Scene("stall", "K4 K18", TRAFFIC,
          ["holder {t} {uarts}", "owner {t} 20 8000"]),
    Scene("all", "K1 K2 K3 K8 K9 K11 K12 K17", TRAFFIC,
          [PTYS, OWNER, HOLDER, "attach {t} {ttys}", "flush {t} {ttys}",
           "hangup {t} {ttys}", "speed {t} {ttys}", "opener {t} {ttys}",
           "spammer {t}"]),
    Scene("module", "K3 K8 K12 K15", TRAFFIC,
          [PTYS, OWNER, "attach {t} {ttys}", "module {t} {module}",
           "spammer {t}"]),
    Scene("daemon", "K2 K21", TRAFFIC,
          ["holder {t} {uarts}", "opener {t} {uarts}",
           "daemon {t} {daemon} -c {config}"]),
    Scene("output", "K7 K10 K18 K19", [], ["output {t}", "output {t}"]),
    Scene("shutdown", "K12", [],
          ["owner {t} 1000", "mortal {t} {stricts}",
           "traffic {t} {strict_hosts}", "modem {t} {strict_hosts}"]),
    Scene("genl-fuzz", "K2 K21 K22", TRAFFIC,
          [PTYS, "owner {t} 1000", HOLDER, "holder {t} {stricts}",
           "traffic {t} {strict_hosts}",
           "genl_fuzz {t} root root owner owner nobody"]),
    Scene("ioctl-fuzz", "K2 K4 K9 K11 K17 K18 K22", TRAFFIC,
          [PTYS, "owner {t} 1000", HOLDER, "holder {t} {stricts}",
           "traffic {t} {strict_hosts}",
           "ioctl_fuzz {t} {ttys} {stricts} pty pty"]),
    Scene("fault", "K13 K20", [], ["fault {t}"]),
]
