# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Runs every test; the last line is "N passed, N failed".

    host lane    unit tests, fuzzers, checkers, packages, valgrind
    live lane    MQTT and MQTT-SN against brokers and gateways, faults
    guest lane   kernel, KUnit, netlink tests, end-to-end tests

The lanes run side by side.  Each part's output is in build/check/PART.log.
A part whose input has not changed since it passed may say so again instead of
doing it again (tests/kernel/verdict.sh): the end tells of each.
As arguments the names of the parts to run (default: all).
"""
import glob
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
LOGS = ROOT / "build" / "check"
CACHE = pathlib.Path(os.environ.get("ATMQTT_CACHE")
                     or pathlib.Path(os.environ.get("XDG_CACHE_HOME")
                                     or pathlib.Path.home() / ".cache")
                     / "atmqtt")
PYTEST = "/usr/bin/python3 -B -m pytest -p no:cacheprovider -q --reruns 1 -rR"
TAIL_LINES = 40         # of the log of a part that failed
AGAIN_SECONDS = 200     # parts up to this length get a second try


# ---- what a log says: passed, failed ----

def lines_like(passed, failed):
    def count(log):
        return (len(re.findall(passed, log, re.MULTILINE)),
                len(re.findall(failed, log, re.MULTILINE)))
    return count


cmocka = lines_like(r"^\[       OK \]", r"^\[  FAILED  \] [a-z]\w+$")
tap = lines_like(r"^ok\b", r"^not ok\b")
fuzzers = lines_like(r"^passed fuzz_", r"^FAILED fuzz_")
sessions = lines_like(r"^\d+ sessions, .* 0 control failures$", r"^error: ")
files = lines_like(r"^checked ", r"^FAILED")


def pytest(log):
    """The counts of the last summary line."""
    summary = re.findall(r"^.*\d+ (?:passed|failed|error).* in [\d.]+s",
                         log, re.MULTILINE)[-1:]
    numbers = {word: int(n) for n, word in re.findall(
        r"(\d+) (passed|failed|error)", "".join(summary))}
    return (numbers.get("passed", 0),
            numbers.get("failed", 0) + numbers.get("error", 0))


def said(log):
    """A last line "N passed, N failed" of the part itself."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", log, re.MULTILINE)
    return tuple(map(int, found[-1])) if found else (0, 0)


# ---- the parts: name, what it is, command, what its log says ----

# shellcheck and checkpatch are one test a file
EACH_FILE = """
status=0
for file in {files}; do
	if {checker} "$file"; then
		echo "checked $file"
	else
		echo "FAILED $file"
		status=1
	fi
done
exit $status"""
SCRIPTS = "$(git grep -lE '^#!/bin/(ba)?sh' -- . ':!*.md')"
SOURCES = "kmod/*.[ch] include/uapi/linux/n_at.h"

# every word of a compiler or of sparse about our files fails
MODULE = """
kernel=$(tests/kernel/build-kernel uml)
work=$PWD/build/check/kmod
rm -rf "$work"
tests/kernel/build-module "$kernel/out" "$work" W=1 C=2 2>&1 |
	tee "$work.log"
[ -e "$work/n_at.ko" ] && grep -q '^  CHECK ' "$work.log" || exit 1
if grep -E "kmod/.*: (warning|error)|sparse is not available" "$work.log"; then
	echo "FAILED module"
	exit 1
fi
echo "checked module: W=1, sparse" """

# how they are installed and used: make check-boards
PACKAGES = """
status=0
try() {
	if "${@:2}"; then
		echo "checked $1"
	else
		echo "FAILED $1"
		status=1
	fi
}
try "packages build" make deb
try "lintian" lintian --fail-on error,warning build/deb/*.changes
try "units are hardened" systemd-analyze security --offline=true \\
	--threshold=25 systemd/*.service
exit $status"""

VALGRIND = """
make -s unit BUILD=build/valgrind UNIT_SANITIZE= UNIT_RUN="valgrind -q \\
	--error-exitcode=99 --leak-check=full \\
	--show-leak-kinds=definite,possible" """

OTHER_PAHO = """
MQTT_PAHO=$(tests/mqtt/fetch-paho trixie) || exit 1
export MQTT_PAHO
tests/mqtt/run"""

NETLINK = f"""
ynl=$(tests/kernel/fetch-ynl)
tests/bed/bed up --no-attach
status=0
tests/bed/bed exec -- env "ATMQTT_YNL=$ynl" {PYTEST} tests/netlink || status=1
tests/bed/bed down || status=1
exit $status"""

# end-to-end tests that are parts, with beds, of their own: of what is not MQTT,
# and of what comes, goes and misbehaves
OTHER = "sn*", "tuya*", "auth*", "ctl*", "rights*", "hostile*"
LIFE = "life*", "power*", "restarts*", "drivers*", "reports*"
E2E = f"{PYTEST} tests/e2e " + " ".join(
    f"--ignore-glob='*/test_{name}.py'" for name in OTHER + LIFE)
E2E_OTHER, E2E_LIFE = (f"{PYTEST} " + " ".join(
    f"tests/e2e/test_{name}.py" for name in names) for names in (OTHER, LIFE))

RACES = """
make -s races &&
tests/races/run --kernel uml --seconds 21 \\
	flush hangup output fault shutdown genl-fuzz ioctl-fuzz"""

HOST = [
    ("unit", "unit tests, ASan and UBSan", "make -s unit", cmocka),
    ("fuzz", "fuzzers, always the same inputs",
     "make -s fuzz FUZZ_ARGS='-seed=1 -runs=100000'", fuzzers),
    ("shellcheck", "shellcheck", EACH_FILE.format(
        files=SCRIPTS, checker="shellcheck -x"), files),
    ("manual", "manual pages", EACH_FILE.format(
        files="doc/*.[0-9]", checker="tests/manpage"), files),
    ("checkpatch", "checkpatch --strict", EACH_FILE.format(
        files=SOURCES, checker="tests/kernel/checkpatch"), files),
    ("packages", "Debian packages", PACKAGES, files),
    ("unit-valgrind", "unit tests, valgrind", VALGRIND, cmocka),
    ("mqtt-valgrind", "MQTT client against mosquitto, valgrind",
     "tests/mqtt/run valgrind", said),
]
# they wait for time to pass more than they work, but for the last
LIVE = [
    ("start", "how the daemon starts", f"make -s daemon && {PYTEST} "
     "tests/start", pytest),
    ("mqtt", "MQTT client against mosquitto, ASan and UBSan",
     "tests/mqtt/run", said),
    ("mqtt-paho-1.3.14", "MQTT client with the paho.mqtt.c of Debian 13",
     OTHER_PAHO, said),
    ("faults", "sessions in which one allocation fails",
     "tests/faults/alloc.py --to 1760 --every 7", said),
    ("mqttsn", "MQTT-SN client against a gateway, ASan and UBSan",
     "tests/mqttsn/run", said),
    ("broker", "a broker that says anything, for a moment",
     "tests/faults/broker.py 10", sessions),
    ("mqttsn-valgrind", "MQTT-SN client against a gateway, valgrind",
     "tests/mqttsn/run valgrind", said),
    ("coccinelle", "coccinelle: the kernel's semantic checks",
     "tests/kernel/coccinelle", tap),
]
MATRIX = ("matrix", "the module against the kernels of Debian",
          "tests/kernel/matrix", tap)
GUEST = [
    ("module", "kernel of the bed; the module with W=1 and sparse", MODULE,
     files),
    ("kunit", "KUnit suites", "tests/kernel/kunit", tap),
    ("netlink", "netlink tests", NETLINK, pytest),
    ("races", "race programs, for a moment", RACES, said),
    ("e2e-other", "end-to-end tests: MQTT-SN, clouds, atmqttctl, bad brokers",
     E2E_OTHER, pytest),
]
# as soon as there are a kernel and a module
FIRMWARE = [
    ("e2e", "end-to-end tests: lines, MQTT, hosts", E2E, pytest),
    ("e2e-life", "end-to-end tests: the module's life, drivers, reports",
     E2E_LIFE, pytest),
]


class Run:
    """The lanes' common state: the counts, and one voice."""

    TELL_SECONDS = 30       # between signs of life of a long part
    LIMIT_SECONDS = 2400    # for one part

    def __init__(self, wanted):
        self.started = time.monotonic()
        self.wanted = wanted
        self.passed = self.failed = 0
        self.notes = []         # for the end: what failed, or was not tried
        self.lock = threading.Lock()
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.environment.pop("MAKEFLAGS", None)     # -s hides what is counted

    def say(self, text):
        with self.lock:
            print(f"[{time.monotonic() - self.started:4.0f} s] {text}",
                  flush=True)

    def lane(self, parts, bed, begin=None, first=None):
        """One after the other, from `begin` on; `first` is set by the first."""
        if begin:
            begin.wait()
        for part in parts:
            if not self.wanted or part[0] in self.wanted:
                self.part(*part, bed)
            if first:
                first.set()

    def wait(self, name, process, log):
        """A sign of life now and then: the last line of the log."""
        while True:
            try:
                return process.wait(self.TELL_SECONDS)
            except subprocess.TimeoutExpired:
                last = log.read_text(errors="replace").rstrip()
                self.say(f"{name}: ... {last.rpartition(chr(10))[2][-90:]}")

    def attempt(self, name, log, script, count, bed):
        """Its (passed, failed); what is wrong is kept for the end."""
        begun = time.monotonic()
        with open(log, "wb") as file:
            process = subprocess.Popen(
                ["timeout", "-k", "10", str(self.LIMIT_SECONDS), "bash", "-c",
                 script],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={**self.environment, "ATMQTT_BED": bed})
            status = self.wait(name, process, log)
        text = log.read_text(errors="replace")
        passed, failed = count(text)
        if (status or not passed) and not failed:
            failed = 1
        self.say(f"{name}: {passed} passed, {failed} failed "
                 f"({time.monotonic() - begun:.0f} s)")
        notes = [f"{name}: second try of {test}"
                 for test in re.findall(r"^RERUN (\S+)", text, re.MULTILINE)]
        notes += [f"{name}: {kept}" for kept in
                  re.findall(r"^# (kept verdict .*)$", text, re.MULTILINE)]
        if failed:
            tail = "\n".join(text.splitlines()[-TAIL_LINES:])
            notes.append(f"{name}: {failed} failed, status {status}, "
                         f"the end of {log}:\n{tail}")
        with self.lock:
            self.notes += notes
        return passed, failed

    def part(self, name, title, script, count, bed):
        """
        What fails is tried a second time, for the sake of busy machines; the
        first failure is told at the end all the same.
        """
        begun = time.monotonic()
        self.say(f"{name}: {title}")
        passed, failed = self.attempt(name, LOGS / f"{name}.log", script,
                                      count, bed)
        if failed and time.monotonic() - begun < AGAIN_SECONDS:
            self.say(f"{name}: a second try")
            passed, failed = self.attempt(name, LOGS / f"{name}.again.log",
                                          script, count, bed)
        with self.lock:
            self.passed += passed
            self.failed += failed


def matrix_wanted():
    """It fetches the headers of many kernels: once, or when CI asks."""
    return (bool(os.environ.get("CI")) or "matrix" in sys.argv
            or bool(glob.glob(str(CACHE / "matrix-*" / "done"))))


def main():
    LOGS.mkdir(parents=True, exist_ok=True)
    run = Run(sys.argv[1:])
    build = ("build", "atmqttd", "make daemon direct && build/atmqttd "
             "--version && echo 'checked build'", files)
    run.part(*build, "")
    guest = GUEST + ([MATRIX] if matrix_wanted() else [])
    built = threading.Event()
    with tempfile.TemporaryDirectory() as directory:
        lanes = [threading.Thread(target=run.lane, args=arguments)
                 for arguments in (
                     (HOST, ""), (LIVE, ""),
                     (guest, directory + "/bed", None, built),
                     (FIRMWARE, directory + "/firmware", built))]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    # last, so that who sees only the end of the output sees why
    for note in run.notes:
        print(note)
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    sys.exit(main())
