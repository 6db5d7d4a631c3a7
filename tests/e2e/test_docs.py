# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""What is written about the commands is what the daemon knows."""
import subprocess

from bed import ROOT

BEGIN, END = "<!-- commands -->\n", "<!-- /commands -->"


def test_readme_has_the_daemons_table():
    """`make docs` puts it there."""
    known = subprocess.run([ROOT / "build" / "atmqttd", "--commands"],
                           check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    readme = (ROOT / "README.md").read_text()
    written = readme.partition(BEGIN)[2].partition(END)[0]
    assert written == known, "the README is behind: run `make docs`"
