# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A day of a gateway board, typed at its console: guest.py DIRECTORY

    this program ── socket ── 8250 = ttyS1 ──┐
          │ ├────── socket ── USB  = ttyUSB0 ┴ n_at ── atmqttd ─┐
          │ └────── socket ── 8250 = ttyS0, the console         │ 10.0.2.2
          └──────── mosquitto, mosquitto_sub ───────────────────┘

In DIRECTORY: disk, vmlinuz and initrd of a system with the packages; the
transcript is written there, and what came by each wire.  Prints TAP.
"""
import pathlib
import re
import socket
import subprocess
import sys
import time

PATIENCE = 900          # seconds for a boot without KVM on a busy machine
PROMPT = re.compile(rb"board \[(\d+)\]# $")
NOISE = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|"
                   rb"\x1b[>=]")
UPGRADES = 20
PUBLISH = "AT+MQTTPUB=1,\"board/up\",1,0,\"{}\""


class Failed(Exception):
    pass


class Transcript:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")

    def say(self, text=""):
        print(text, file=self.file, flush=True)


def connect(path):
    end = time.monotonic() + 30
    while True:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(str(path))
            return sock
        except OSError:
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Wire:
    """One end of a serial line; what was read and not yet taken."""

    def __init__(self, path):
        self.sock = connect(path)
        self.log = open(f"{path}.log", "wb", buffering=0)
        self.data = b""

    def wait(self, found, patience):
        """The match that found(data) tells; the data stay."""
        end = time.monotonic() + patience
        while not (match := found(self.data)):
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.sock.recv(65536)
            except TimeoutError:
                more = b""
            if not more:
                raise Failed(f"no answer in {patience} s: {self.data[-500:]}")
            self.log.write(more)
            self.data += more
        return match


class Console(Wire):
    """root's shell; its prompt tells the status of the last command."""

    def __init__(self, path, transcript):
        super().__init__(path)
        self.transcript = transcript

    def _prompt(self):
        match = self.wait(lambda data: PROMPT.search(NOISE.sub(b"", data)),
                          PATIENCE)
        text = NOISE.sub(b"", self.data).replace(b"\r", b"").decode()
        self.data = b""
        return "\n".join(text.split("\n")[1:-1]), int(match[1])

    def boot(self):
        self._prompt()

    def reboot(self):
        self.transcript.say("board# reboot")
        self.sock.sendall(b"reboot\n")
        self.wait(lambda data: re.search(b"automatic login", data), PATIENCE)
        self._prompt()

    def run(self, command, wanted=0, show=True):
        """The output; Failed if the status is not that wanted."""
        self.sock.sendall(command.encode() + b"\n")
        output, status = self._prompt()
        if show:
            self.transcript.say(f"board# {command}")
            if output:
                self.transcript.say(output)
        if status != wanted:
            raise Failed(f"{command}: status {status}\n{output}")
        return output

    def until_it_says(self, command, wanted):
        """Without counting the tries in the transcript."""
        end = time.monotonic() + PATIENCE
        while True:
            self.sock.sendall(command.encode() + b"\n")
            output, _ = self._prompt()
            if output == wanted:
                self.transcript.say(f"board# {command}\n{output}")
                return
            if time.monotonic() > end:
                raise Failed(f"{command}: {output}")
            time.sleep(1)


class Host(Wire):
    """A microcontroller with firmware for a module."""

    def __init__(self, name, path, transcript):
        super().__init__(path)
        self.name = name
        self.transcript = transcript

    def take(self, text, patience):
        match = self.wait(lambda data: re.search(
            b"\r\n" + re.escape(text.encode()) + b"\r\n", data), patience)
        self.data = self.data[match.end():]

    def get(self, text):
        self.take(text, 60)
        self.transcript.say(f"{self.name} < {text}")

    def command(self, line, *answers):
        self.transcript.say(f"{self.name} > {line}")
        self.sock.sendall(line.encode() + b"\r")
        for answer in answers:
            self.get(answer)

    def hello(self):
        """AT until it is answered: a port may be attached but not owned."""
        end = time.monotonic() + PATIENCE
        while True:
            self.sock.sendall(b"AT\r")
            try:
                self.take("OK", 10)
                break
            except Failed:
                if time.monotonic() > end:
                    raise
        self.transcript.say(f"{self.name} > AT\n{self.name} < OK")


class Cloud:
    """A broker on the other side of the board's uplink."""

    def __init__(self, directory, transcript):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self.transcript = transcript
        config = directory / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\n"
                          "allow_anonymous true\n")
        self.broker = subprocess.Popen(
            ["mosquitto", "-c", config], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.subscriber = None

    def subscribe(self):
        self.subscriber = subprocess.Popen(
            ["mosquitto_sub", "-p", str(self.port), "-t", "board/#", "-v"],
            stdout=subprocess.PIPE)
        time.sleep(2)
        if self.subscriber.poll() is not None:
            raise Failed("mosquitto_sub ended")

    def expect(self, payload):
        got = self.subscriber.stdout.readline().decode().strip()
        if got != f"board/up {payload}":
            raise Failed(f"the broker got {got}")
        self.transcript.say(f"broker < {got}")

    def end(self):
        for process in (self.subscriber, self.broker):
            if process:
                process.kill()
                process.wait()


class Board:
    def __init__(self, directory):
        self.directory = directory
        self.transcript = Transcript(directory / "transcript")
        self.process = subprocess.Popen(
            self._command(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(directory / "qemu.log", "wb"))
        self.monitor = connect(directory / "monitor.sock")
        self.usb = Host("ttyUSB0", directory / "usb.sock", self.transcript)
        self.uart = Host("ttyS1", directory / "uart.sock", self.transcript)
        self.console = Console(directory / "console.sock", self.transcript)

    def _command(self):
        where = self.directory
        command = [
            "qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-m", "1024",
            "-smp", "2", "-accel", "tcg,thread=multi", "-nodefaults",
            "-display", "none", "-kernel", where / "vmlinuz",
            "-initrd", where / "initrd", "-append",
            "root=/dev/vda rw console=ttyS0,115200 quiet mitigations=off",
            "-drive", f"file={where}/disk,format=raw,if=virtio,cache=unsafe",
            "-nic", "user,model=virtio-net-pci",
            "-device", "virtio-rng-pci", "-device", "qemu-xhci",
            "-monitor", f"unix:{where}/monitor.sock,server=on,wait=off"]
        for name in "console", "uart", "usb":
            command += ["-chardev", f"socket,id={name},server=on,wait=off,"
                        f"path={where}/{name}.sock"]
        return command + ["-serial", "chardev:console",
                          "-serial", "chardev:uart"]

    def plug(self):
        self.transcript.say("(a USB adapter is plugged)")
        self.monitor.sendall(b"device_add usb-serial,chardev=usb,id=usb,"
                             b"always-plugged=on\n")

    def unplug(self):
        self.transcript.say("(the USB adapter is unplugged)")
        self.monitor.sendall(b"device_del usb\n")

    def end(self):
        self.process.kill()
        self.process.wait()


def open_link(host, cloud):
    host.hello()
    host.command(f'AT+MQTTOPEN=1,"10.0.2.2",{cloud.port},1,60',
                 "OK", "+MQTTOPEN: 1,1")


def send(host, cloud, payload):
    host.command(PUBLISH.format(payload), "OK", "+MQTTPUB: 1,1")
    cloud.expect(payload)


def publish(host, cloud, payload):
    open_link(host, cloud)
    send(host, cloud, payload)


# ---- the day, in order: what is done rests on what was done before ----

def fresh_boot(board, _):
    """it boots, the module is not loaded"""
    board.console.boot()
    board.console.run("uname -r; cat /etc/debian_version")
    board.console.run("dkms status")
    board.console.run("lsmod | grep n_at", wanted=1)


def enable(board, cloud):
    """two units enabled, where a getty was: the host publishes"""
    board.console.run("chown root:tty /dev/ttyS1; chmod 620 /dev/ttyS1",
                      show=False)
    board.console.run("systemctl enable --now n-at@ttyS1 atmqttd")
    board.console.run("systemctl is-active n-at@ttyS1 atmqttd")
    board.console.run("lsmod | grep n_at")
    publish(board.uart, cloud, "first")


def rights(board, _):
    """the daemon has no capability, who attaches has CAP_NET_ADMIN"""
    for unit, user, capabilities in (("atmqttd", "atmqttd", 0),
                                     ("n-at@ttyS1", "n-at", 1 << 12)):
        status = board.console.run(
            "grep -E '^(Uid|Cap)' "
            f"/proc/$(systemctl show -P MainPID {unit})/status")
        number = board.console.run(f"id -u {user}", show=False)
        found = dict(re.findall(r"(\w+):\s*(.*)", status))
        wanted = dict.fromkeys("CapInh CapPrm CapEff CapBnd CapAmb".split(),
                               f"{capabilities:016x}")
        wanted["Uid"] = "\t".join([number] * 4)
        if found != wanted:
            raise Failed(f"{unit}: {found}, not {wanted}")
    board.console.run("atmqttctl status ttyS1")
    board.console.run("stat -c '%U:%G %a' /dev/ttyS1 | grep root:dialout")


def hang(board, cloud):
    """the daemon hangs: the watchdog ends it, and it starts again"""
    board.console.run("systemctl kill --signal=STOP atmqttd")
    board.console.until_it_says("systemctl show -P NRestarts atmqttd", "1")
    board.console.run("journalctl -u atmqttd --no-pager -o cat | "
                      "grep -i watchdog")
    for line in "AT command ready", "+SIM READY":
        board.uart.get(line)
    publish(board.uart, cloud, "behind the watchdog")


def plug(board, cloud):
    """a named USB port is attached when it is plugged"""
    run = board.console.run
    run("cp /etc/default/n-at /etc/default/n-at-ttyUSB0")
    run("echo 'port \"ttyUSB0\" { model = \"L610\" }' >>/etc/atmqttd.conf")
    run("systemctl restart atmqttd")
    board.plug()
    board.console.until_it_says("systemctl is-active n-at@ttyUSB0", "active")
    publish(board.usb, cloud, "by USB")


def modem_manager(board, _):
    """ModemManager is told to keep off that port only"""
    for tty, wanted in ("ttyUSB0", 0), ("ttyS2", 1):
        board.console.run(f"udevadm info /dev/{tty} | grep ID_MM", wanted)


def unplug(board, cloud):
    """unplugged: its unit ends, the other port works on"""
    # It learns of the hang-up only when it is being stopped for it.
    board.console.run("systemctl kill --kill-who=main --signal=STOP "
                      "n-at@ttyUSB0", show=False)
    board.unplug()
    board.console.until_it_says("systemctl is-active n-at@ttyUSB0",
                                "inactive")
    board.console.run("ls /dev/ttyUSB0", wanted=2)
    publish(board.uart, cloud, "alone")


def plug_again(board, cloud):
    """plugged again: it works again, the link was kept"""
    board.plug()
    board.console.until_it_says("systemctl is-active n-at@ttyUSB0", "active")
    board.usb.hello()
    send(board.usb, cloud, "again")


def upgrade(board, cloud):
    """20 upgrades with a link open: the host is told, nothing comes twice"""
    for number in range(UPGRADES):
        send(board.uart, cloud, f"before upgrade {number}")
        board.console.run("dpkg -i /root/atmqttd_*.deb", show=not number)
        for line in "AT command ready", "+SIM READY":
            board.uart.get(line)
        open_link(board.uart, cloud)
    send(board.uart, cloud, "behind all upgrades")


def reboot(board, cloud):
    """after a reboot both ports work, nobody does anything"""
    board.console.reboot()
    publish(board.uart, cloud, "rebooted")
    publish(board.usb, cloud, "rebooted too")
    board.console.run("systemctl is-active n-at@ttyS1 n-at@ttyUSB0 atmqttd")


def no_complaint(board, _):
    """no unit failed, the kernel said nothing"""
    board.console.run("systemctl --failed --no-legend --plain")
    board.console.run("systemctl --failed --no-legend | grep -E 'n-at|atmq'",
                      wanted=1, show=False)
    board.console.run("journalctl -b -k -p warning --no-pager -o cat | "
                      "grep -E 'n_at|BUG|Call Trace' | grep -v taint",
                      wanted=1)


def disable(board, _):
    """disabled: the port is a plain tty again, the module can go"""
    board.console.run("rm /etc/default/n-at-ttyUSB0")
    board.console.run("systemctl disable --now n-at@ttyS1 atmqttd; "
                      "systemctl stop n-at@ttyUSB0")
    board.console.run("cat /proc/tty/ldiscs | grep n_at")
    board.console.run("rmmod n_at")


def ldattach(board, _):
    """ldattach loads the module by the discipline's number"""
    board.console.run("ldattach 29 /dev/ttyS1")
    board.console.run("lsmod | grep n_at")
    board.console.run("pkill ldattach")


DAY = (fresh_boot, enable, rights, hang, plug, modem_manager, unplug,
       plug_again, upgrade, reboot, no_complaint, disable, ldattach)


def main(directory):
    board = Board(directory)
    cloud = Cloud(directory, board.transcript)
    try:
        time.sleep(1)
        cloud.subscribe()
        for step in DAY:
            board.transcript.say(f"\n---- {step.__doc__}")
            try:
                step(board, cloud)
            except (Failed, OSError) as error:
                print(f"not ok - {step.__doc__}\n# {error}", flush=True)
                return 1
            print(f"ok - {step.__doc__}", flush=True)
        return 0
    finally:
        cloud.end()
        board.end()


sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
