# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What is written about the commands is what the daemon knows, and what is
written about the tests is there."""
import re
import subprocess

from bed import ROOT

# of the reports; those which are missing were others again
REPORTS = [n for n in range(1, 62)
           if n not in (4, 7, 12, 17, 22, 24, 31, 33, 35, 39, 41, 44)]

# `directory/file` name, name
NAMED = r"`([a-z0-9_]+/[a-z0-9_/]+(?:\.\w+)?)` ((?:\w+(?:, )?)*)"

BEGIN, END = "<!-- commands -->\n", "<!-- /commands -->"


def test_readme_has_the_daemons_table():
    """`make docs` puts it there."""
    known = subprocess.run([ROOT / "build" / "atmqttd", "--commands"],
                           check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    readme = (ROOT / "README.md").read_text()
    written = readme.partition(BEGIN)[2].partition(END)[0]
    assert written == known, "the README is behind: run `make docs`"


def test_each_report_has_its_test():
    """Or a sentence why not; and the tests that are named exist."""
    rows = re.findall(r"^\| R(\d+) \|.*\| (.+) \|$",
                      (ROOT / "tests" / "reports.md").read_text(),
                      re.MULTILINE)
    assert [int(number) for number, _ in rows] == REPORTS
    for number, text in rows:
        for path, names in re.findall(NAMED, text):
            source = (ROOT / "tests" / path).read_text()
            for name in re.findall(r"\w*_\w+", names):
                assert name in source, f"R{number}: {path} has no {name}"
