# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Start the user mode kernel of tests/kernel/build-uml.

  host pty N slave <-> master = ssl<N> of the guest = /dev/ttyS<N>
  keeper's socket  <-> con1 of the guest = /dev/tty1: frames
  RUN/console.log  <-- con0: kernel log and console

The kernel is handed the master itself ("fd:"), not told to open a pty
("pts"): it would close that whenever the last opener of ttyS<N> goes, and the
host's end would vanish with it.
"""
import asyncio
import os
import socket
import tty

from guest import Started, die_with_parent


def open_port():
    """A raw pty: the master for the guest, the slave's name for the host."""
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, os.ttyname(slave)    # slave stays open on purpose


async def start(run, config):
    ours, theirs = socket.socketpair()
    ports = [open_port() for _ in range(config["ports"])]
    lines = [f"ssl{i}=fd:{fd}" for i, (fd, _) in enumerate(ports)]
    environment = {"PATH": os.environ["PATH"], "HOME": run, "TMPDIR": run}
    with open(os.path.join(run, "console.log"), "wb") as log:
        process = await asyncio.create_subprocess_exec(
            os.path.join(config["kernel_dir"], "out", "linux"),
            "mem=512M", "root=/dev/root", "rootfstype=hostfs",
            "rootflags=/", "rw", f"init={config['lib']}/init",
            "con=null", "con0=null,fd:1", f"con1=fd:{theirs.fileno()}", *lines,
            "kunit.enable=1", "loglevel=8", "panic=-1", f"uml_dir={run}",
            f"BED_RUN={run}", "BED_RUN_FS=hostfs",
            f"BED_LIB={config['lib']}", "BED_LINK=/dev/tty1",
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            pass_fds=[theirs.fileno()] + [fd for fd, _ in ports],
            env=environment, preexec_fn=die_with_parent)
    theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours)
    return Started(process, reader, writer, [
        {"host": name, "tty": f"ttyS{i}"} for i, (_, name) in enumerate(ports)])
