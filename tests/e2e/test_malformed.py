# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Bad input: each line has its error, and the next good line works."""
import codecs

import pytest

import bed

VECTORS = bed.ROOT / "tests" / "vectors" / "malformed.txt"


def decode(text):
    return codecs.escape_decode(text.encode())[0]


def vectors():
    if not VECTORS.exists():
        return
    for number, row in enumerate(VECTORS.read_text().splitlines(), 1):
        if row and not row.startswith("#"):
            line, answer = row.split("\t")
            yield pytest.param(decode(line), decode(answer), id=f"{number}")


def test_there_are_enough():
    assert len(list(vectors())) >= 60


@pytest.mark.parametrize("line, answer", vectors())
def test_malformed(host, line, answer):
    host.write(line + (b"" if line.endswith(b"\r") else b"\r"))
    host.expect(answer)
    host.command("AT+CMEE=1;E0", "OK")
    host.quiet(0.05)
