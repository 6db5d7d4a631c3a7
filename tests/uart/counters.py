# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""In the guest: the counters of n_at's only port, and its driver's, as JSON."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "netlink"))

import genl     # noqa: E402

NAMES = {value: name.removeprefix("N_AT_C_").lower()
         for name, value in genl.header_values().items()
         if name.startswith("N_AT_C_") and name != "N_AT_C_MAX"}


def port_counters():
    with genl.Socket() as sock:
        port, = sock.dump(genl.CMD_PORT_GET)
    counters = genl.unpack(port[genl.A_COUNTERS])
    return {NAMES[key]: genl.num(value) for key, value in counters.items()
            if key in NAMES}


def driver_counters(tty):
    """tx, rx; brk, fe, pe, oe and bo only when there were any."""
    file, = pathlib.Path("/proc/tty/driver").glob("serial*")
    text = file.read_text()
    line = re.search(rf"^{tty.removeprefix('ttyS')}: .*", text, re.MULTILINE)
    return {name: int(n) for name, n in re.findall(r"\b([a-z]+):(\d+)\b",
                                                   line[0])}


print(json.dumps({"port": port_counters(),
                  "driver": driver_counters(sys.argv[1])}))
