# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The kernel tree's YNL tool drives the family by include/n_at.yaml.

$ATMQTT_YNL is what tests/kernel/fetch-ynl printed.
"""
import errno
import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

import genl

SPEC = pathlib.Path(__file__).parents[2] / "include" / "n_at.yaml"
YNL = os.environ.get("ATMQTT_YNL")

pytestmark = [
    pytest.mark.skipif(not YNL or not os.path.isdir(YNL), reason="ATMQTT_YNL "
                       "is not set or not there, see tests/kernel/fetch-ynl"),
    # of the tool's schema, whose dialect is an old one
    pytest.mark.filterwarnings("ignore:The metaschema"),
]


def paths():
    root = pathlib.Path(YNL)
    return (root / "tools/net/ynl",
            root / "Documentation/netlink/genetlink.yaml")


@pytest.fixture(scope="module")
def library():
    directory, _ = paths()
    sys.path.insert(0, str(directory))
    import lib
    yield lib
    sys.path.remove(str(directory))


@pytest.fixture
def family(library):
    """A socket that speaks by the spec, which the schema has approved.

    To 6.12's tool the type pad, which kernels send that align, is unknown.
    """
    family = library.YnlFamily(str(SPEC), str(paths()[1]),
                               process_unknown=True)
    yield family
    family.sock.close()


def notification(family, timeout=10):
    """The next one: (name, attributes)"""
    end = time.monotonic() + timeout
    while not family.async_msg_queue and time.monotonic() < end:
        family.check_ntf()
        time.sleep(0.01)
    message = family.async_msg_queue.pop(0)
    return message["name"], message["msg"]


def test_command_line_dumps_the_ports(port):
    directory, schema = paths()
    run = subprocess.run(
        [sys.executable, directory / "cli.py", "--spec", SPEC, "--schema",
         schema, "--dump", "port-get", "--output-json",
         "--process-unknown"],
        check=True, stdout=subprocess.PIPE, timeout=60)
    told, = (p for p in json.loads(run.stdout) if p["port"] == port.id)
    assert told["tty"] == port.tty
    assert told["mode"] == "orphan"
    assert "owner" not in told
    assert told["settings"]["parity"] == "none"
    assert told["settings"]["flow"] == []
    assert bytes.fromhex(told["settings"]["orphan-reply"]) == b"\r\nERROR\r\n"
    assert set(told["counters"]) == {
        name.removeprefix("N_AT_C_").lower().replace("_", "-")
        for name in genl.header_values() if name.startswith("N_AT_C_")}


def test_do_gets_one_port(family, port):
    told = family.do("port-get", {"port": port.id})
    assert (told["port"], told["tty"]) == (port.id, port.tty)


def test_settings_are_set(family, port, admin):
    family.do("port-set", {"port": port.id, "settings": {
        "echo": 0, "s3": 33, "orphan-reply": b"no", "line-max": 100}})
    settings = family.do("port-get", {"port": port.id})["settings"]
    assert [settings[k] for k in ("echo", "s3", "orphan-reply", "line-max")
            ] == [0, 33, b"no", 100]
    raw = genl.unpack(admin.call(genl.CMD_PORT_GET, port.ref)[
        genl.A_SETTINGS])
    assert raw[genl.S_S3] == genl.u32(33)


def test_a_session(family, port):
    """BIND, a line, a prompt, data and their answers."""
    told = family.do("bind", {"port": port.id})
    assert told["mode"] == "command"
    assert told["owner"] == family.sock.getsockname()[0]
    family.do("port-set", {"port": port.id, "settings": {"echo": 0}})
    port.write(b"AT+X\r")
    name, line = notification(family)
    assert (name, line["data"]) == ("line-ntf", b"AT+X")
    ids = {key: line[key] for key in ("port", "seq")}
    family.do("reply", {**ids, "data": b">", "data-len": 2})
    port.expect(b">")
    port.write(b"\0\xff")
    name, data = notification(family)
    assert (name, data["data"]) == ("data-ntf", b"\0\xff")
    family.do("reply", {**ids, "seq": data["seq"], "data": b"\r\nOK\r\n",
                        "flags": ["final"]})
    port.expect(b"\r\nOK\r\n")
    family.do("urc", {"port": port.id, "data": b"\r\n+U\r\n"})
    port.expect(b"\r\n+U\r\n")
    family.do("unbind", {"port": port.id})
    assert family.do("port-get", {"port": port.id})["mode"] == "orphan"


def test_an_error_has_its_sentence(family, library, port):
    with pytest.raises(library.NlError) as refused:
        family.do("port-get", {"port": 0xffffffff})
    assert refused.value.error == errno.ENODEV
    extack = refused.value.nl_msg.extack
    assert extack["msg"] == "no such port in this network namespace"
    assert extack["bad-attr"] == ".port"


def test_a_value_out_of_range_is_refused(family, library, port):
    with pytest.raises(library.NlError) as refused:
        family.do("port-set", {"port": port.id, "settings": {"s3": 200}})
    assert refused.value.error == errno.ERANGE
    assert refused.value.nl_msg.extack["bad-attr"] == ".settings.s3"


def test_ports_come_and_go(family, admin):
    import conftest
    family.ntf_subscribe("ports")
    port = conftest.Port(admin)
    name, told = notification(family)
    assert (name, told["tty"]) == ("port-new-ntf", port.tty)
    port.close()
    name, told = notification(family)
    assert (name, told["port"]) == ("port-del-ntf", port.id)


def test_the_monitor_is_understood(family, port, daemon):
    family.do("monitor", {"port": port.id})
    port.write(b"AT\r")
    kinds = []
    while kinds[-1:] != ["line"]:
        name, told = notification(family)
        assert name == "monitor-ntf"
        kinds.append(told["kind"])
    assert told["direction"] == "rx"
    assert told["data"] == b"AT"
    assert notification(family)[1]["mode"] == "executing"
