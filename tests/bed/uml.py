# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Start the user mode kernel of tests/kernel/build-kernel.

  host's pty N    <- line.py -> ssl<N> of the guest = /dev/ttyS<N>
  keeper's socket <-- frames -> con1 of the guest = /dev/tty1
  RUN/console.log <------------ con0: kernel log and console

Handed descriptors ("fd:") and not told to open ptys ("pts"): the kernel would
make and announce them only when the guest opens the line.
"""
import asyncio
import os
import socket

from guest import Started, die_with_parent
from line import Line


async def start(run, config):
    ours, theirs = socket.socketpair()
    lines = [Line() for _ in range(config["ports"])]
    environment = {"PATH": os.environ["PATH"], "HOME": run, "TMPDIR": run}
    with open(os.path.join(run, "console.log"), "wb") as log:
        process = await asyncio.create_subprocess_exec(
            os.path.join(config["kernel_dir"], "out", "linux"),
            "mem=512M", "root=/dev/root", "rootfstype=hostfs",
            "rootflags=/", "rw", f"init={config['lib']}/init",
            "con=null", "con0=null,fd:1", f"con1=fd:{theirs.fileno()}",
            *(f"ssl{i}=fd:{line.guest.fileno()}"
              for i, line in enumerate(lines)),
            "kunit.enable=1", "loglevel=8", "panic=-1", f"uml_dir={run}",
            f"BED_RUN={run}", "BED_RUN_FS=hostfs",
            f"BED_LIB={config['lib']}", "BED_LINK=/dev/tty1",
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            pass_fds=[theirs.fileno()] + [l.guest.fileno() for l in lines],
            env=environment, preexec_fn=die_with_parent)
    theirs.close()
    for line in lines:
        line.start()
    reader, writer = await asyncio.open_connection(sock=ours)
    return Started(process, reader, writer, [
        {"host": line.name, "tty": f"ttyS{i}"} for i, line in enumerate(lines)])
