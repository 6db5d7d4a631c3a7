# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Each family of drivers lives through what happens to it in the field.

    driver ── pty ══ its own port: n_at ── atmqttd ── mosquitto

All of them at once, in a bed of their own: twice the whole start-up dialogue
without a restart of ours, and a daemon that goes and comes in their middle.
A driver that presses the power key at its start does so here by `atmqttctl
restart`, as if the key were wired to reset_on.
"""
import concurrent.futures
import importlib
import os
import pathlib
import pkgutil

import pytest

import bed
import drivers
from atmqttd import Daemon, State
from broker import Subscriber
from drivers.driver import World

KINDS = [m.name for m in pkgutil.iter_modules(drivers.__path__)
         if m.name != "driver"]
CLASSES = {kind: importlib.import_module(f"drivers.{kind}").DRIVER
           for kind in KINDS}
# what the daemon is ended with; the second only on demand
ENDS = ["KILL", "TERM"] if os.environ.get("ATMQTT_FULL") else ["KILL"]


def section(tty, ca, driver):
    keys = {"model": f'"{driver.MODEL}"', "tls_ca": f'"{ca}"',
            "hosts": '{ "0.0.0.0/0:*", "[::/0]:*" }',
            **driver.KNOBS}
    lines = "".join(f"\t{name} = {value}\n" for name, value in keys.items())
    return f'port "{tty}" {{\n{lines}}}\n'


class Bench:
    """A driver at each port; what became of each in each life."""

    def __init__(self, info):
        self.outcomes = {}
        self.at_work = set()
        run, ttys = pathlib.Path(info["run"]), info["ttys"]
        state = State()
        certs = pathlib.Path(info["certs"])
        self.daemon = Daemon(info["atmqttd"], run, ttys, certs / "ca.pem",
                             state)
        self.daemon.config.write_text(f'state_dir = "{state.path}"\n' + "".join(
            section(tty, certs / "ca.pem", CLASSES[kind])
            for tty, kind in zip(ttys, KINDS)))
        self.daemon.start()
        self.ctl = pathlib.Path(info["atmqttd"]).parent / "atmqttctl"
        self.ttys = dict(zip(KINDS, ttys))
        self.drivers = {}
        for kind, port, tty in zip(KINDS, info["ports"], ttys):
            world = World(kind, Subscriber(f"d/{kind}"), certs,
                          lambda tty=tty: self.command("restart", tty))
            self.drivers[kind] = CLASSES[kind](port, world)

    def close(self):
        for driver in self.drivers.values():
            driver.world.subscriber.close()
            driver.close()
        self.daemon.close()

    def command(self, *words):
        return bed.run(self.ctl, *words).stdout.decode()

    def attempt(self, kind, what):
        """The exception, with the state of the port at that time."""
        try:
            what(self.drivers[kind])
        except (AssertionError, OSError) as error:
            error.add_note(self.command("status", self.ttys[kind]))
            return error

    def all_at_once(self, kinds, what):
        """The exception of each, or None."""
        with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
            return dict(zip(kinds, pool.map(
                lambda kind: self.attempt(kind, what), kinds)))

    def live(self, kinds, end):
        """Those that are at work already need no start ahead of the end."""
        if not end:
            failed = self.all_at_once(kinds, start_twice)
            self.at_work |= {kind for kind in kinds if not failed[kind]}
            return failed
        idle = [kind for kind in kinds if kind not in self.at_work]
        failed = self.all_at_once(idle, start) if idle else {}
        good = [kind for kind in kinds if not failed.get(kind)]
        self.daemon.restart(end)
        self.at_work.clear()
        return failed | self.all_at_once(good, recover)

    def outcome(self, kind, end):
        """The second time somebody asks it is tried again, alone."""
        if end not in self.outcomes:
            self.outcomes[end] = self.live(KINDS, end)
        if kind not in self.outcomes[end]:
            self.outcomes[end].update(self.live([kind], end))
        return self.outcomes[end].pop(kind)


def start(driver):
    driver.start()
    driver.work()


def start_twice(driver):
    start(driver)
    start(driver)


def recover(driver):
    driver.recover()
    driver.work()


@pytest.fixture(scope="module")
def bench():
    if bed.REAL_UART:
        pytest.skip("a QEMU guest has too few ports")
    before = os.environ["ATMQTT_BED"]
    os.environ["ATMQTT_BED"] = before + "-drivers"
    try:
        bench = Bench(bed.up("--ports", str(len(KINDS)), "--no-daemon"))
        yield bench
        bench.close()
        bed.check_log()
    finally:
        bed.down()
        os.environ["ATMQTT_BED"] = before


def lives_through(bench, kind, end):
    if error := bench.outcome(kind, end):
        print(bench.drivers[kind].uart.told())
        raise error


@pytest.mark.parametrize("kind", KINDS)
def test_starts_twice(bench, kind):
    lives_through(bench, kind, None)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", KINDS)
def test_daemon_goes_and_comes(bench, kind, end):
    lives_through(bench, kind, end)
