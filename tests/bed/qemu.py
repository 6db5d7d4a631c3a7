# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Start the stock kernel of tests/kernel/fetch-stock under QEMU.

  host pty N (QEMU's) <-> 8250 = /dev/ttyS<N+1>
  RUN/link.sock       <-> virtio port = /dev/vport<n>p1: frames
  RUN/console.log     <-- 8250 = /dev/ttyS0: kernel log and console

Emulated (TCG) even where /dev/kvm is: inside another virtual machine that can
open and then hang.
"""
import asyncio
import os
import re
import subprocess
import tty

from guest import Started, die_with_parent

MAX_PORTS = 3           # an ISA machine has four 8250s, one is the console
START_SECONDS = 10


def command(run, config, ramdisk):
    stock = config["kernel_dir"]
    release, = os.listdir(os.path.join(stock, "lib/modules"))
    append = ["console=ttyS0,115200", "loglevel=8", "panic=-1", "nokaslr",
              "mitigations=off", f"BED_RUN={run}", "BED_RUN_FS=9p",
              f"BED_LIB={config['lib']}", "BED_LINK=/dev/vport*p1",
              f"BED_MODULES={stock}/lib/modules"]
    share = "security_model=passthrough,multidevs=remap"
    arguments = [
        "stdbuf", "-oL",        # or the names of the ptys stay in a buffer
        "qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-m", "1024",
        "-smp", str(config["cpus"]), "-accel", "tcg",
        "-nodefaults", "-nographic", "-no-reboot", "-monitor", "none",
        "-kernel", f"{stock}/boot/vmlinuz-{release}", "-initrd", ramdisk,
        "-append", " ".join(append),
        "-virtfs", f"local,path=/,mount_tag=root,readonly=on,{share}",
        "-virtfs", f"local,path={run},mount_tag=run,{share}",
        "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
        "-chardev", f"socket,id=link,path={run}/link.sock,server=on,wait=off",
        "-device", "virtserialport,chardev=link,nr=1",
        "-serial", f"file:{run}/console.log"]
    for i in range(config["ports"]):
        arguments += ["-chardev", f"pty,id=port{i}",
                      "-serial", f"chardev:port{i}"]
    return arguments


async def until(condition):
    for _ in range(START_SECONDS * 20):
        if value := condition():
            return value
        await asyncio.sleep(0.05)
    raise TimeoutError("QEMU did not start, see qemu.log")


def find_ptys(log, count):
    with open(log) as file:
        names = re.findall(r"redirected to (\S+) \(label port", file.read())
    return names if len(names) == count else None


def hold(name):
    """Keep the slave open and raw: QEMU drops what nobody listens to."""
    tty.setraw(os.open(name, os.O_RDWR | os.O_NOCTTY))


async def start(run, config):
    if config["ports"] > MAX_PORTS:
        raise ValueError(f"QEMU's machine has at most {MAX_PORTS} ports")
    ramdisk = os.path.join(run, "ramdisk")
    subprocess.run([os.path.join(config["lib"], "make-ramdisk"),
                    config["kernel_dir"], ramdisk], check=True)
    log = os.path.join(run, "qemu.log")
    with open(log, "wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command(run, config, ramdisk), stdin=asyncio.subprocess.DEVNULL,
            stdout=file, stderr=file, preexec_fn=die_with_parent)
    link = os.path.join(run, "link.sock")
    await until(lambda: os.path.exists(link) or process.returncode is not None)
    names = []
    if config["ports"]:
        names = await until(lambda: find_ptys(log, config["ports"]))
    for name in names:
        hold(name)
    reader, writer = await asyncio.open_unix_connection(link)
    return Started(process, reader, writer, [
        {"host": name, "tty": f"ttyS{i + 1}"} for i, name in enumerate(names)])
