#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""One failed allocation a session: does the daemon live, is the host told?

A session is atmqttd-direct on a pty (the daemon's core, real paho and
wolfSSL), mosquitto on loopback, and the commands of SCRIPT.  In session n the
n-th allocation fails, whoever makes it.  The daemon must go on, or end by
itself in order with a word in its log; each command line has one final
result, and each command accepted that has a result later gets that.

    tests/faults/alloc.py [--from N] [--to N] [--every K] [--jobs J]
                          [--more M] [--asan] [--binary FILE] [--verbose]

The last line is "N passed, N failed".
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
WRAPS = "malloc", "calloc", "realloc", "strdup"

OPEN_MS, RESULT_MS = 1500, 1000
START_S = 20.0
QUIET_LOOKS = 5         # in which all threads wait: it has started
ANSWER_S = 4.0          # for a final result
RESULT_S = 4.0          # for a result that comes later; above both limits
IN_ORDER = 71           # the status that it ends by itself with

FINAL = re.compile(rb"^(OK|ERROR|\+CME ERROR: .*)\r$", re.MULTILINE)
PROMPT = b">"

# (command, data or None, what its result starts with or None)
SCRIPT = (
    ('AT+MQTTUSER=1,"joe","secret","{id}"', None, None),
    ('AT+MQTTWILL=1,"{id}/will",1,0,"gone"', None, None),
    ('AT+MQTTOPEN=1,"127.0.0.1",{plain},0,60', None, "+MQTTOPEN: 1,"),
    ('AT+MQTTSUB=1,"{id}/+",2', None, "+MQTTSUB: 1,"),
    ('AT+MQTTPUB=1,"{id}/a",0,0,"none"', None, "+MQTTPUB: 1,"),
    ('AT+MQTTPUB=1,"{id}/a",1,0,"one"', None, "+MQTTPUB: 1,"),
    ('AT+MQTTPUB=1,"{id}/a",2,0,"two"', None, "+MQTTPUB: 1,"),
    ('AT+MQTTPUB=1,"{id}/a",1,0,12', b"twelve bytes", "+MQTTPUB: 1,"),
    ("AT+MQTTCONF=1", None, None),
    ('AT+MQTTPUB=1,"{id}/a",1,0,"kept"', None, "+MQTTPUB: 1,"),
    ("AT+MQTTREAD=1", None, None),
    ("AT+MQTTREAD=1", None, None),
    ('AT+MQTTUNSUB=1,"{id}/+"', None, "+MQTTUNSUB: 1,"),
    ("AT+MQTTCONF=0", None, None),
    ('AT+MQTTOPEN=2,"127.0.0.1",{tls},1,60,2', None, "+MQTTOPEN: 2,"),
    ('AT+MQTTSUB=2,"{id}/+",1', None, "+MQTTSUB: 2,"),
    ('AT+MQTTPUB=2,"{id}/b",1,0,"by TLS"', None, "+MQTTPUB: 2,"),
    ("AT+MQTTCLOSE=2", None, "+MQTTCLOSE: 2,"),
    ("AT&W", None, None),
    ("AT+CEER", None, None),
    ("AT+MQTTCLOSE=1", None, "+MQTTCLOSE: 1,"),
    ('AT+MQTTOPEN=1,"localhost",{plain},1,60', None, "+MQTTOPEN: 1,"),
    ('AT+MQTTPUB=1,"{id}/c",1,0,"by name"', None, "+MQTTPUB: 1,"),
    ("AT+MQTTOPEN?", None, None),
    ("AT+MQTTCLOSE=1", None, "+MQTTCLOSE: 1,"),
)


class Ended(Exception):
    """The daemon."""


class Daemon:
    """atmqttd-direct on a pty, whose n-th allocation fails."""

    def __init__(self, world, n, directory):
        self.report = directory / "report"
        self.log = directory / "log"
        self.seen = b""
        config = directory / "conf"
        config.write_text(f"""
            state_dir = "{directory}"
            port "pty" {{
                model = "L610"
                hosts = {{ "0.0.0.0/0:*", "[::/0]:*" }}
                imei = "{n:015d}"
                tls_ca = "{world.directory}/ca.crt"
                open_timeout_ms = {OPEN_MS}
                result_timeout_ms = {RESULT_MS}
            }}""")
        self.fd, self.slave = pty.openpty()
        tty.setraw(self.slave, termios.TCSANOW)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [world.binary, config, os.ttyname(self.slave)], stderr=log,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env={**os.environ, **world.preload, "NTH_ALLOC": str(n),
                     "NTH_MORE": str(world.more),
                     "NTH_REPORT": str(self.report)})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.fd)
        self.let_go()

    def let_go(self):
        """Of the tty: reading ends with the daemon from now on."""
        if self.slave is not None:
            os.close(self.slave)
        self.slave = None

    def write(self, data):
        try:
            os.write(self.fd, data)
        except OSError:
            raise Ended from None

    def until(self, pattern, seconds, since):
        """The first match in what came after @since, or None."""
        deadline = time.monotonic() + seconds
        while not (match := pattern.search(self.seen, since)):
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            if not select.select([self.fd], [], [], left)[0]:
                continue
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                raise Ended from None
        return match

    def ask(self, line, seconds=ANSWER_S):
        """Its final result, or None; data goes out on a prompt."""
        since = len(self.seen)
        self.write(line.encode() + b"\r")
        return self.until(FINAL, seconds, since)

    def signal(self, word):
        """Tells the allocator; the rest of the line that says @word."""
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            if found := re.search(rf"^{word} (\d+)$", self.report.read_text(),
                                  re.MULTILINE):
                return int(found[1])
            if self.process.poll() is not None:
                raise Ended
            time.sleep(0.002)
        raise TimeoutError(f"the allocator does not say {word!r}")

    def threads_wait(self):
        stats = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return all(stat.read_text().rpartition(")")[2].split()[0] == "S"
                   for stat in stats)

    def settle(self):
        """Until what it does at its start is done, the first lookup too."""
        quiet = 0
        while quiet < QUIET_LOOKS:
            time.sleep(0.005)
            quiet = quiet + 1 if self.threads_wait() else 0

    def start(self):
        """The pty keeps what comes before the daemon has opened it."""
        if not self.ask("ATE0", START_S):
            sys.exit(f"no daemon: {self.log.read_text()}")
        self.let_go()
        self.settle()
        self.signal("armed")


class Outcome:
    """What became of session n."""

    def __init__(self, n):
        self.n = n
        self.tried = 0          # allocations
        self.fault = None       # how it died
        self.ended = False      # in order
        self.finals = []        # command lines without exactly one
        self.results = []       # accepted commands without theirs
        self.where = []         # backtrace of what failed

    @property
    def good(self):
        return not (self.fault or self.finals or self.results)

    def __str__(self):
        words = [self.fault] if self.fault else []
        words += [f"no final: {line}" for line in self.finals]
        words += [f"no result: {line}" for line in self.results]
        if self.ended:
            words += ["ended in order"]
        return f"n={self.n}: {', '.join(words) or 'good'}"


def take_step(daemon, outcome, line, data, result):
    since = len(daemon.seen)
    daemon.write(line.encode() + b"\r")
    if data:
        answer = re.compile(FINAL.pattern + b"|" + PROMPT, re.MULTILINE)
        found = daemon.until(answer, ANSWER_S, since)
        if found and found[0] == PROMPT:
            daemon.write(data)
    final = daemon.until(FINAL, ANSWER_S, since)
    if not final:
        outcome.finals.append(line)
        return
    if result and final[1] == b"OK":
        pattern = re.compile(rb"^" + re.escape(result.encode()), re.MULTILINE)
        if not daemon.until(pattern, RESULT_S, since):
            outcome.results.append(line)


def play(daemon, outcome, names):
    """The script, and whether it still answers behind it."""
    since = len(daemon.seen)
    for line, data, result in SCRIPT:
        take_step(daemon, outcome, line.format(**names), data, result)
    if not daemon.ask("AT"):
        outcome.finals.append("AT at the end")
    finals = len(FINAL.findall(daemon.seen, since))
    if not outcome.finals and finals != len(SCRIPT) + 1:
        outcome.finals.append(f"{finals} for {len(SCRIPT) + 1} lines")
    outcome.tried = daemon.signal("tried")


def how_it_ended(daemon, outcome):
    try:
        status = daemon.process.wait(ANSWER_S)
    except subprocess.TimeoutExpired:
        outcome.fault = "the tty closed, the process goes on"
        return
    log = daemon.log.read_text(errors="replace")
    if status == IN_ORDER and "to be started anew" in log:
        outcome.ended = True
    elif status < 0:
        outcome.fault = signal.Signals(-status).name
    else:
        outcome.fault = f"status {status}"


def session(world, n):
    outcome = Outcome(n)
    names = {"id": f"f{os.getpid()}-{n}", "plain": world.plain,
             "tls": world.tls}
    with tempfile.TemporaryDirectory(dir=world.directory) as name:
        directory = pathlib.Path(name)
        with Daemon(world, n, directory) as daemon:
            try:
                daemon.start()
                play(daemon, outcome, names)
            except Ended:
                how_it_ended(daemon, outcome)
            log = daemon.log.read_text(errors="replace")
            if report := re.search(r"ERROR: \w+Sanitizer: \S+", log):
                outcome.fault = report[0]
            outcome.where = world.functions(daemon.report.read_text())
            if world.verbose and not outcome.good:
                print(daemon.seen.decode(errors="replace"), log, sep="\n",
                      file=sys.stderr)
    return outcome


class World:
    """Brokers, certificates and binaries, for all sessions."""

    def __init__(self, args, directory):
        self.directory = pathlib.Path(directory)
        self.more = args.more
        self.verbose = args.verbose
        self.plain, self.tls = free_ports(2)
        self.binary, self.preload = build(args, self.directory)
        self.certificates()
        self.broker = self.start_broker()

    def certificates(self):
        script = f"""
            dir={self.directory}
            . {ROOT}/tests/mqtt/certificates.sh
            ca ca 'Test CA'
            certificate server ca localhost DNS:localhost,IP:127.0.0.1"""
        subprocess.run(["sh", "-ec", script], check=True,
                       stderr=subprocess.DEVNULL)

    def start_broker(self):
        config = self.directory / "mosquitto.conf"
        config.write_text(f"""
user root
allow_anonymous true
set_tcp_nodelay true
log_dest none
listener {self.plain} 127.0.0.1
listener {self.tls} 127.0.0.1
certfile {self.directory}/server.crt
keyfile {self.directory}/server.key
""")
        with open(self.directory / "mosquitto.log", "wb") as log:
            broker = subprocess.Popen(["mosquitto", "-c", config], stderr=log)
        for port in self.plain, self.tls:
            wait_for(port)
        return broker

    def functions(self, report):
        """Those of the daemon, innermost first, of the first failure."""
        trace = report.partition("failed ")[2].partition("failed ")[0]
        places = re.findall(
            rf"^{re.escape(str(self.binary))}\(.*?\+(0x[0-9a-f]+)\)", trace,
            re.MULTILINE)
        if not places:
            return []
        said = subprocess.run(["addr2line", "-f", "-e", self.binary, *places],
                              stdout=subprocess.PIPE, text=True, check=True)
        return said.stdout.splitlines()[::2]

    def close(self):
        self.broker.terminate()
        self.broker.wait()


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    sys.exit("mosquitto does not listen")


def build(args, directory):
    """The daemon to try, and the environment that makes it fail."""
    source = ROOT / "tests/faults/nth_alloc.c"
    flags = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE"]
    if args.asan:
        out = BUILD / "faults-asan"
        wrapped = directory / "nth_alloc.o"
        subprocess.run(["gcc", *flags, "-DNTH_WRAP", "-c", "-o", wrapped,
                        source], check=True)
        subprocess.run(
            ["make", "-s", "-C", ROOT, f"BUILD={out}", "direct",
             "CFLAGS=-O1 -g -fsanitize=address -fno-omit-frame-pointer",
             f"LDFLAGS={wrapped} " + " ".join(f"-Wl,--wrap={name}"
                                              for name in WRAPS)],
            check=True, stdout=sys.stderr)
        return out / "atmqttd-direct", {"ASAN_OPTIONS": "detect_leaks=0"}
    library = directory / "nth_alloc.so"
    subprocess.run(["gcc", *flags, "-shared", "-fPIC", "-o", library, source],
                   check=True)
    if args.binary:
        return args.binary.resolve(), {"LD_PRELOAD": str(library)}
    subprocess.run(["make", "-s", "-C", ROOT, "direct"], check=True,
                   stdout=sys.stderr)
    return BUILD / "atmqttd-direct", {"LD_PRELOAD": str(library)}


def tell(outcome):
    print(outcome, *(["by", " < ".join(outcome.where[:4])]
                     if outcome.where else []), flush=True)


def summary(outcomes):
    faults = [one for one in outcomes if one.fault]
    ended = sum(one.ended for one in outcomes)
    by = collections.Counter(one.where[0] if one.where else "a library"
                             for one in faults)
    for function, count in by.most_common():
        print(f"{count} faults by {function}")
    missed = [one for one in outcomes if one.tried and one.tried < one.n]
    if missed:
        print(f"{len(missed)} without a failure: the script makes "
              f"{max(one.tried for one in missed)} allocations")
    print(f"{ended} ended in order")
    print(f"{len(outcomes)} tried, "
          f"{len(outcomes) - len(faults) - ended} survived, "
          f"{len(faults)} faults, "
          f"{sum(len(one.finals) for one in outcomes)} commands without a "
          f"final, {sum(len(one.results) for one in outcomes)} without a "
          "result")
    failed = sum(not one.good for one in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=260)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--more", type=int, default=0,
                        help="so many after the n-th fail as well")
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--binary", type=pathlib.Path,
                        help="another atmqttd-direct")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def main():
    args = arguments()
    numbers = range(args.first, args.last + 1, args.every)
    outcomes = []
    with tempfile.TemporaryDirectory() as directory:
        world = World(args, directory)
        try:
            with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
                for outcome in pool.map(lambda n: session(world, n), numbers):
                    outcomes.append(outcome)
                    if not outcome.good or outcome.ended or args.verbose:
                        tell(outcome)
        finally:
            world.close()
    return summary(outcomes)


sys.exit(main())
