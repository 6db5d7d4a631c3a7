# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Start a kernel under QEMU: one of tests/kernel/fetch-stock, or one's own.

  host pty N (QEMU's) <-> UART = /dev/tty{S,AMA}*
  RUN/link.sock       <-> virtio port = /dev/vport<n>p1: frames
  RUN/console.log     <-- UART = /dev/ttyS0: kernel log and console
  RUN/qmp.sock        <-> QEMU itself: chardev-send-break of "port0", ...

  amd64   ttyS1 to ttyS3 are the ISA machine's 8250s, from ttyS4 on PCI cards'
  arm64   ttyS1 to ttyS3 are a PCI card's 8250s, ttyAMA0 is the board's PL011

Emulated (TCG) even where /dev/kvm is: inside another virtual machine that can
open and then hang.
"""
import asyncio
import glob
import os
import re
import subprocess
import tty
from collections import namedtuple

from guest import Started, die_with_parent

START_SECONDS = 10

# program, machine, cpu; ttys of the ports in order; where the UARTs go:
# chardevs (the first is the console's) -> arguments
Machine = namedtuple("Machine", "program machine cpu ttys uarts")


def card(chardevs):
    """The 8250s of one PCI card: it has two or four."""
    size = 2 if len(chardevs) <= 2 else 4
    return ["-device", f"pci-serial-{size}x," + ",".join(
        f"chardev{i}={name}" for i, name in enumerate(chardevs, 1))]


def pc_uarts(chardevs):
    """An interrupt each, and not two for four as in a PC: Linux's 8250 driver
    (6.12) uses freed memory when one UART of an interrupt is opened while the
    last other one is closed."""
    arguments = []
    for i, (name, irq) in enumerate(zip(chardevs, [4, 3, 5, 7])):
        arguments += ["-device",
                      f"isa-serial,index={i},irq={irq},chardev={name}"]
    return arguments + (card(chardevs[4:]) if chardevs[4:] else [])


def virt_uarts(chardevs):
    """The second port is the board's UART, so that tests have either kind."""
    board = chardevs.pop(2) if len(chardevs) > 2 else "null"
    return ["-serial", board if board == "null" else f"chardev:{board}",
            *card(chardevs)]


MACHINES = {
    "amd64": Machine("qemu-system-x86_64", "q35",
                     "max,la57=off,avx=off,avx2=off",
                     [f"ttyS{i}" for i in range(1, 8)], pc_uarts),
    "arm64": Machine("qemu-system-aarch64", "virt", "cortex-a57",
                     ["ttyS1", "ttyAMA0", "ttyS2", "ttyS3"], virt_uarts),
}


def share(path, tag, *options):
    return ["-virtfs", ",".join([
        f"local,path={path},mount_tag={tag},security_model=passthrough",
        "multidevs=remap", *options])]


def command(run, config, ramdisk):
    machine = MACHINES[config["arch"]]
    kernel = config["kernel_dir"]
    image, = glob.glob(os.path.join(kernel, "boot/vmlinuz*"))
    append = ["console=ttyS0,115200", "loglevel=8", "panic=-1", "nokaslr",
              # so long an emulated processor may have to wait for a real one
              "rcupdate.rcu_cpu_stall_timeout=200",
              "mitigations=off", f"BED_RUN={run}", "BED_RUN_FS=9p",
              f"BED_LIB={config['lib']}", "BED_LINK=/dev/vport*p1",
              f"BED_REPO={config['repo']}", f"BED_CACHE={config['cache']}"]
    chardevs = ["console"] + [f"port{i}" for i in range(config["ports"])]
    arguments = [
        "stdbuf", "-oL",        # or the names of the ptys stay in a buffer
        machine.program, "-M", machine.machine, "-cpu", machine.cpu,
        "-m", "1024", "-smp", str(config["cpus"]),
        "-accel", "tcg,thread=multi",
        "-nodefaults", "-nographic", "-no-reboot", "-monitor", "none",
        "-qmp", f"unix:{run}/qmp.sock,server=on,wait=off",
        "-kernel", image, "-initrd", ramdisk, "-append", " ".join(append),
        *share(config["root"], "root", "readonly=on"),
        *share(run, "run"), *share(config["repo"], "repo"),
        *share(config["cache"], "cache", "readonly=on"),
        *share(f"{kernel}/lib/modules", "modules", "readonly=on"),
        "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
        "-chardev", f"socket,id=link,path={run}/link.sock,server=on,wait=off",
        "-device", "virtserialport,chardev=link,nr=1",
        "-chardev", f"file,id=console,path={run}/console.log"]
    for i, name in enumerate(chardevs[1:]):
        wire = config["wires"] and config["wires"][i]
        arguments += ["-chardev", f"serial,id={name},path={wire}" if wire
                      else f"pty,id={name}"]
    return arguments + machine.uarts(chardevs)


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


def modem_lines(run, wires):
    """The environment that gives ptys modem lines: see modem.c."""
    directory = os.path.join(run, "modem")
    os.mkdir(directory)
    library = os.path.join(directory, "modem.so")
    subprocess.run(["gcc", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o",
                    library, os.path.join(os.path.dirname(__file__), "modem.c")],
                   check=True)
    for wire in wires:
        if wire.startswith("/dev/pts/"):
            name = os.path.join(directory, wire[5:].replace("/", "-"))
            with open(name, "wb") as file:
                file.write(b"\x00\x07")     # the host's are up
    return {"LD_PRELOAD": library, "MODEM_DIR": directory}


def hold(name):
    """Keep the slave open and raw: QEMU drops what nobody listens to."""
    tty.setraw(os.open(name, os.O_RDWR | os.O_NOCTTY))


async def start(run, config):
    ttys = MACHINES[config["arch"]].ttys
    if config["ports"] > len(ttys):
        raise ValueError(f"QEMU's machine has at most {len(ttys)} ports")
    ramdisk = os.path.join(run, "ramdisk")
    subprocess.run([os.path.join(config["lib"], "make-ramdisk"),
                    config["kernel_dir"], config["root"], ramdisk], check=True)
    wires = config["wires"]
    environment = {**os.environ, **(modem_lines(run, wires) if wires else {})}
    log = os.path.join(run, "qemu.log")
    with open(log, "wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command(run, config, ramdisk), stdin=asyncio.subprocess.DEVNULL,
            stdout=file, stderr=file, env=environment,
            preexec_fn=die_with_parent)
    link = os.path.join(run, "link.sock")
    await until(lambda: os.path.exists(link) or process.returncode is not None)
    names = wires
    if config["ports"] and not wires:
        names = await until(lambda: find_ptys(log, config["ports"]))
    for name in names[len(wires):]:
        hold(name)
    reader, writer = await asyncio.open_unix_connection(link)
    return Started(process, reader, writer, [
        {"host": host, "tty": tty} for host, tty in zip(names, ttys)])
