# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Tracepoints tell what passed, and never what it said.  The bed's user mode
kernel has none; the kernels of QEMU do."""
import os
import pathlib
import re
import subprocess

import pytest

import genl
from genl import u32

TRACING = pathlib.Path("/sys/kernel/tracing")
SECRET = b"open-sesame"


@pytest.fixture
def trace():
    """Lines of n_at's events: [name, {field: value}]; and all as it is."""
    if not TRACING.is_dir():
        pytest.skip("a kernel without tracing")
    if not (TRACING / "events").is_dir():
        subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING],
                       check=True)
    (TRACING / "trace").write_text("")
    enable = TRACING / "events/n_at/enable"
    enable.write_text("1")
    yield (TRACING / "trace").read_text
    enable.write_text("0")


def events(text, port):
    found = re.findall(rf"(n_at_\w+): {port.tty} (.*)", text)
    return [(name, dict(field.split("=") for field in rest.split()))
            for name, rest in found]


def raw_buffers():
    data = b""
    for path in TRACING.glob("per_cpu/cpu*/trace_pipe_raw"):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            while chunk := os.read(fd, 4096):
                data += chunk
        except BlockingIOError:
            pass
        os.close(fd)
    return data


def test_a_dialogue(port, daemon, trace):
    port.write(b"AT+PASS=" + SECRET + b"\r")
    seq = daemon.line(b"AT+PASS=" + SECRET)
    daemon.reply(seq, b">", data_len=len(SECRET))
    port.write(SECRET)
    daemon.note(genl.CMD_DATA_NTF)
    daemon.reply(seq + 1, SECRET)
    daemon.urc(SECRET)
    port.expect(b">" + SECRET * 2)

    text = trace()
    owner = str(daemon.portid)
    first, second = str(seq), str(seq + 1)
    assert events(text, port) == [
        ("n_at_line", {"owner": owner, "seq": first, "flags": "",
                       "len": str(8 + len(SECRET))}),
        ("n_at_mode", {"mode": "executing", "seq": first}),
        ("n_at_reply", {"seq": first, "len": "1", "final": "0",
                        "wants_data": "1", "data_len": str(len(SECRET))}),
        ("n_at_mode", {"mode": "data", "seq": first}),
        ("n_at_data", {"owner": owner, "seq": second, "flags": "",
                       "len": str(len(SECRET))}),
        ("n_at_mode", {"mode": "executing", "seq": second}),
        ("n_at_reply", {"seq": second, "len": str(len(SECRET)), "final": "1",
                        "wants_data": "0", "data_len": "0"}),
        ("n_at_mode", {"mode": "command", "seq": second}),
        ("n_at_urc", {"len": str(len(SECRET)), "waiting": "0"})]
    assert SECRET not in text.encode() and SECRET not in raw_buffers()


def test_an_orphan(port, daemon, trace):
    daemon.set((genl.S_REBIND_MS, u32(0)))
    daemon.close()
    port.write(b"AT" + SECRET + b"\r")
    port.expect(b"\r\nERROR\r\n")
    found = events(trace(), port)
    assert ("n_at_mode", {"mode": "orphan", "seq": "0"}) in found
    assert ("n_at_line", {"owner": "0", "seq": "0", "flags": "",
                          "len": str(2 + len(SECRET))}) in found


def test_what_was_wrong_with_a_line(port, daemon, trace):
    daemon.set((genl.S_LINE_MAX, u32(64)))
    port.write(b"AT" + b"x" * 80 + b"\r")
    daemon.line()
    (_, line), _ = events(trace(), port)
    assert line["flags"] == "overlong" and line["len"] == "0"


def test_no_event_has_room_for_content(trace):
    """All fields are numbers, but for the port's name."""
    formats = list((TRACING / "events/n_at").glob("n_at_*/format"))
    assert len(formats) == 7
    for path in formats:
        fields = re.findall(r"field:(.*?);", path.read_text())
        texts = [f for f in fields if "char" in f and "common_" not in f
                 and not re.search(r"unsigned char|bool", f)]
        assert texts == ["__data_loc char[] port"], path
