# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A port whose host pipelines without a pause is one of many."""
import json
import pathlib
import statistics

import pytest

import bed

HERE = pathlib.Path(__file__).parent
SLOWER = 30     # times: all share one processor with who floods
GRACE_S = 0.3   # quiet, a result takes a few ms


@pytest.mark.parametrize("ports, tries", [(3, 30), (64, 2)])
def test_a_flooded_port_takes_nothing_from_others(guest, ports, tries):
    run = bed.run("timeout", "240", "python3", "-S", HERE / "many_ports.py",
                  guest.daemon.binary, ports, tries)
    told = json.loads(run.stdout)
    print({name: (each["failed"], *(f"{statistics.median(each[what]):.4f} "
                                    f"{each[what][-1]:.4f}"
                                    for what in ("ok_s", "result_s")))
           for name, each in told.items()})
    assert (told["quiet"]["failed"], told["loud"]["failed"]) == (0, 0)
    for what in "ok_s", "result_s":
        quiet, loud = (statistics.median(told[name][what])
                       for name in ("quiet", "loud"))
        assert loud < quiet * SLOWER + GRACE_S
