# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What runs in the guest: module, line discipline, broker, daemon.

  ttyS* + n_at <-netlink-> atmqttd -- TCP, TLS --> mosquitto (RUN/broker)

  1883 plain, anybody         8883 TLS, certificate for localhost, broker.test
  1884 plain, device/secret   8884 TLS, expired    8885 TLS, for other.test
                              8886 TLS, wants a client's certificate
"""
import os
import shlex
import subprocess

import client

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = (os.environ.get("ATMQTT_CACHE")
         or os.path.join(os.environ.get("XDG_CACHE_HOME")
                         or os.path.expanduser("~/.cache"), "atmqtt"))
ARCH = "amd64" if os.uname().machine == "x86_64" else "arm64"
MARKER = "atmqtt-bed: the log counts from here"
READY_FILE = "/run/atmqttd.ready"       # no sockets on a shared file system
USER = 59990                              # the daemon's, of no file in /etc
STATE = "/run/atmqttd.state"            # and where it keeps what it keeps
PASSWORD = ("device", "secret")
TLS_LISTENERS = {8883: "server", 8884: "expired", 8885: "other", 8886: "server"}


class Failed(Exception):
    """A step of bringing up the guest; the text is for a person."""


def guest(run, script):
    """Run a shell script in the guest; its output, or Failed."""
    status, output = client.capture(run, "/bin/sh", "-ec", script)
    if status:
        raise Failed(f"in the guest: {script}\n{output}")
    return output


# ---- built on the host ----

def build(*argv):
    """Run it; its output is only seen when it fails."""
    built = subprocess.run(argv, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, check=False)
    if built.returncode:
        raise Failed(f"{shlex.join(argv)}:\n{built.stdout[-4000:]}")


def build_module(kernel):
    """n_at.ko and, for a kernel with KUnit, its suites; their directory."""
    work = os.path.join(REPO, "build", f"kmod-{kernel.label}")
    build(os.path.join(REPO, "tests", "kernel", "build-module"),
          kernel.headers, work)
    return work


def control_program(arch):
    """atmqttctl; the daemon may be another one than this tree's."""
    own = [] if arch == ARCH else [arch]
    return os.path.join(REPO, "build", *own, "atmqttctl")


def build_daemon(arch):
    target = [] if arch == ARCH else [f"CROSS={arch}"]
    build("make", "-s", "-C", REPO, "daemon", *target)
    return os.path.join(REPO, "build", *target and [arch], "atmqttd")


def root_of(arch):
    """The guest's root: the host's, or one with programs it can run."""
    if arch == ARCH:
        return "/"
    return subprocess.check_output(
        [os.path.join(REPO, "tests", "bed", "make-root"), arch],
        text=True).strip()


def make_certificates(run):
    script = os.path.join(os.path.dirname(__file__), "make-certs")
    subprocess.run([script, os.path.join(run, "certs")], check=True)


def write_hosts(run):
    with open(os.path.join(run, "hosts"), "w") as file:
        file.write("127.0.0.1 localhost broker.test other.test bed\n"
                   "::1 localhost ip6-localhost\n")


def write_broker_config(run):
    broker = os.path.join(run, "broker")
    os.makedirs(broker, exist_ok=True)
    passwords = os.path.join(broker, "passwords")
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, *PASSWORD],
                   check=True)
    lines = ["user root", "per_listener_settings true", "persistence true",
             f"persistence_location {broker}/", f"pid_file {broker}/pid",
             f"log_dest file {broker}/log", "log_type all",
             "listener 1883", "allow_anonymous true",
             "listener 1884", f"password_file {passwords}"]
    for port, name in TLS_LISTENERS.items():
        lines += [f"listener {port}", "allow_anonymous true",
                  f"cafile {run}/certs/ca.pem",
                  f"certfile {run}/certs/{name}.pem",
                  f"keyfile {run}/certs/{name}.key"]
    lines += ["require_certificate true"]       # of the last one
    with open(os.path.join(broker, "mosquitto.conf"), "w") as file:
        file.write("\n".join(lines) + "\n")


def write_daemon_config(run, ttys):
    path = os.path.join(run, "atmqttd.conf")
    with open(path, "w") as file:
        file.write(f'log_level = "debug"\nstate_dir = "{STATE}"\n')
        for number, tty in enumerate(ttys):
            file.write(f'port "{tty}" {{\n\tmodel = "L610"\n'
                       '\thosts = { "0.0.0.0/0:*", "[::/0]:*" }\n'
                       f'\timei = "00101234567890{number}"\n'
                       f'\ttls_ca = "{run}/certs/ca.pem"\n}}\n')
    return path


# ---- in the guest ----

def mark_log(run):
    guest(run, f"echo '{MARKER}' >/dev/kmsg")


def load_module(run, work):
    guest(run, f"insmod {shlex.quote(work)}/n_at.ko")


def attach(run, ttys, ctl):
    for tty in ttys:
        device = f"/dev/{tty}"
        # a UML line has no speed that could be set
        guest(run, f"stty -F {device} raw -echo clocal; "
                   f"stty -F {device} 115200 2>/dev/null || :; "
                   f"ldattach 29 {device}; {ctl} owner {device} {USER}")


def spawn(run, name, argv, ready, seconds):
    """Start argv in the guest, its output to RUN/name.log, until ready."""
    guest(run, f"""
        {shlex.join(argv)} >>{run}/{name}.log 2>&1 </dev/null &
        pid=$!
        echo $pid >{run}/{name}.pid
        tries={seconds * 20}
        until {ready}; do
            kill -0 $pid 2>/dev/null && [ $tries -gt 0 ] || {{
                echo '{name} did not get ready:'
                tail -20 {run}/{name}.log
                exit 1
            }}
            tries=$((tries - 1))
            sleep 0.05
        done""")


def kill(run, name):
    """TERM, then KILL after 5 s; nothing to do when it is not there."""
    guest(run, f"""
        [ -e {run}/{name}.pid ] || exit 0
        pid=$(cat {run}/{name}.pid)
        rm -f {run}/{name}.pid
        kill $pid 2>/dev/null || exit 0
        for i in $(seq 100); do
            kill -0 $pid 2>/dev/null || exit 0
            sleep 0.05
        done
        kill -9 $pid""")


def start_broker(run):
    listening = "ss -Htln 'sport = 1883 or sport = 8886' | wc -l"
    spawn(run, "broker", ["mosquitto", "-c", f"{run}/broker/mosquitto.conf"],
          f"[ $({listening}) -ge 2 ]", 20)


def as_daemon(*argv):
    """The command that runs this as the daemon's user, without any right."""
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
            "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all",
            "--no-new-privs", *map(str, argv)]


def make_places():
    """The command that makes its directories, which outlive it.

    In the guest's memory: on the host a user mode kernel's files are root's.
    """
    return ["install", "-d", f"--owner={USER}", f"--group={USER}",
            "/run/atmqttd", STATE]


def start_daemon(run, binary, config):
    """Ready when it says so: READY=1 on the socket of sd_notify(3)."""
    guest(run, shlex.join(make_places()))
    notify = os.path.join(os.path.dirname(__file__), "notify.py")
    spawn(run, "daemon",
          ["python3", "-S", notify, READY_FILE,
           *as_daemon(binary, "-c", config)],
          f"[ -e {READY_FILE} ]", 20)
