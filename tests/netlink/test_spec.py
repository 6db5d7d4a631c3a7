# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The YNL spec include/n_at.yaml says what linux/n_at.h says, and n_at checks."""
import pathlib
import re

import pytest
import yaml

import genl

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


# ---- what the kernel checks, by its own word ----

GETPOLICY, POLICY, OP_POLICY, POLICY_DO = 10, 8, 9, 1
TYPE, MIN_U, MAX_U, MAX_LENGTH, NESTED_IN, MASK = 1, 4, 5, 7, 8, 12
KERNEL_TYPES = {4: "u32", 10: "binary", 13: "nest"}


def kernel_policies():
    """({index: {attribute: {what: bytes}}}, {command: index})"""
    policies, commands = {}, {}
    with genl.Socket() as sock:
        messages = sock.ask(genl.CTRL, GETPOLICY, [
            (genl.CTRL_FAMILY_NAME, b"n_at\0")], genl.DUMP)
    for message in messages:
        for index, attrs in genl.unpack(
                message.attrs.get(POLICY, b"")).items():
            policies.setdefault(index, {}).update(
                {a: genl.unpack(what) for a, what in genl.unpack(attrs).items()})
        for command, of in genl.unpack(
                message.attrs.get(OP_POLICY, b"")).items():
            index = genl.unpack(of).get(POLICY_DO)
            if index:
                commands[command] = genl.num(index)
    return policies, commands


def constant(value):
    return next((d["value"] for d in definitions("const")
                 if d["name"] == value), value)


def mask_of(name):
    values = spec_values(f"n-at-{name}-", next(
        d for d in definitions("flags") if d["name"] == name)["entries"], 0)
    return sum(1 << bit for bit in values.values())


def expect(spec, checked, policies):
    """The kernel checks an attribute as the spec says."""
    checks = spec.get("checks", {})
    kind = KERNEL_TYPES[genl.num(checked[TYPE])]
    assert kind == spec["type"]
    if kind == "binary":
        assert genl.num(checked[MAX_LENGTH]) == constant(checks["max-len"])
    elif kind == "nest":
        nested = policies[genl.num(checked[NESTED_IN])]
        assert expect_set(spec["nested-attributes"], nested, policies) == \
            {a["name"] for a in attributes(spec["nested-attributes"])}
    elif MASK in checked:
        of = checks.get("flags-mask") or spec["enum"]
        mask = genl.num(checked[MASK])
        assert mask == mask_of(of) or "flags-mask" not in checks and \
            mask & ~mask_of(of) == 0
    else:
        assert "flags-mask" not in checks
        assert genl.num(checked[MIN_U]) == constant(checks.get("min", 0))
        assert genl.num(checked[MAX_U]) == constant(
            checks.get("max", 0xffffffff))


def attributes(name):
    return next(s for s in SPEC["attribute-sets"]
                if s["name"] == name)["attributes"]


def expect_set(name, policy, policies):
    """Its names, as far as the kernel takes them."""
    by_number = dict(enumerate(attributes(name), 1))
    for number, checked in policy.items():
        expect(by_number[number], checked, policies)
    return {by_number[number]["name"] for number in policy}


def test_policies():
    policies, commands = kernel_policies()
    numbers = header_enum("n_at_cmd")
    asked = [o for o in SPEC["operations"]["list"] if "do" in o]
    assert {numbers[symbol("n-at-cmd-", o["name"])] for o in asked} == \
        set(commands)
    for operation in asked:
        number = numbers[symbol("n-at-cmd-", operation["name"])]
        assert expect_set("port", policies[commands[number]], policies) == \
            set(operation["do"]["request"]["attributes"]), operation["name"]
