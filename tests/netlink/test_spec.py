# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The YNL spec include/n_at.yaml says what linux/n_at.h says."""
import pathlib
import re

import pytest
import yaml

INCLUDE = pathlib.Path(__file__).parents[2] / "include"
HEADER = re.sub(r"/\*.*?\*/", "", (INCLUDE / "uapi/linux/n_at.h").read_text(),
                flags=re.S)
SPEC = yaml.safe_load((INCLUDE / "n_at.yaml").read_text())


def header_enum(name):
    """{symbol: value}, but for the symbols that only count the others."""
    body = re.search(r"enum %s \{(.*?)\};" % name, HEADER, re.S).group(1)
    values, value = {}, -1
    for entry in filter(None, map(str.strip, body.split(","))):
        symbol, _, given = map(str.strip, entry.partition("="))
        if symbol.startswith("__") or given.startswith("__"):
            continue
        value = int(given, 0) if given else value + 1
        values[symbol] = value
    return values


def header_defines():
    return dict(re.findall(r"^#define (N_AT_\w+)\s+(\S.*?)\s*$", HEADER, re.M))


def symbol(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def spec_values(prefix, entries, start=1):
    """{symbol: value} of a list whose values count on."""
    values, value = {}, start - 1
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {"name": entry}
        value = entry.get("value", value + 1)
        values[symbol(prefix, entry["name"])] = value
    return values


def prefix_of(definition):
    """What the kernel's generator of headers would put ahead of its values."""
    return f"n-at-{definition['name']}-"


def definitions(kind):
    return [d for d in SPEC["definitions"] if d["type"] == kind]


@pytest.mark.parametrize("name, enum", [("port", "n_at_attr"),
                                        ("settings", "n_at_setting"),
                                        ("counters", "n_at_counter")])
def test_attributes(name, enum):
    attrs, = (s for s in SPEC["attribute-sets"] if s["name"] == name)
    assert spec_values(attrs["name-prefix"],
                       attrs["attributes"]) == header_enum(enum)


def test_commands():
    operations = SPEC["operations"]
    assert spec_values(operations["name-prefix"],
                       operations["list"]) == header_enum("n_at_cmd")


@pytest.mark.parametrize("spec", definitions("enum"), ids=lambda d: d["name"])
def test_enum(spec):
    assert spec_values(
        prefix_of(spec), spec["entries"], spec.get("value-start", 0)
    ) == header_enum("n_at_" + spec["name"])


@pytest.mark.parametrize("spec", definitions("flags"), ids=lambda d: d["name"])
def test_flags(spec):
    prefix = symbol(prefix_of(spec), "")
    bits = {name: int(re.fullmatch(r"\(1U << (\d+)\)", value).group(1))
            for name, value in header_defines().items()
            if name.startswith(prefix)}
    assert spec_values(prefix_of(spec), spec["entries"], 0) == bits


@pytest.mark.parametrize("spec", definitions("const"), ids=lambda d: d["name"])
def test_constant(spec):
    assert spec["value"] == int(
        header_defines()[symbol("n-at-", spec["name"])], 0)


def test_names():
    defines = header_defines()
    assert f'"{SPEC["name"]}"' == defines["N_AT_FAMILY_NAME"]
    assert {f'"{g["name"]}"' for g in SPEC["mcast-groups"]["list"]} == {
        value for name, value in defines.items() if "_MCGRP_" in name}
