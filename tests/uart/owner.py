# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""In the guest: owns the port of a tty and tells what n_at says, as JSON.

    AT+D=5      takes 5 bytes of data
    else        OK; what is damaged: ERROR, as the daemon does

Each line of the standard input is a request, answered by what PORT_GET tells:
{"set": {"WATCH": 3}}, {"urc": "text"}, {}.
"""
import json
import pathlib
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "netlink"))

import genl                     # noqa: E402
from genl import num, u32       # noqa: E402

DAMAGE = genl.FLAG_DAMAGED | genl.FLAG_BREAK


def say(**what):
    print(json.dumps({"time": time.monotonic(), **what}), flush=True)


class Owner(genl.Socket):
    def __init__(self, tty):
        super().__init__()
        port, = (p for p in self.dump(genl.CMD_PORT_GET)
                 if p[genl.A_TTY].rstrip(b"\0").decode() == tty)
        self.ref = (genl.A_PORT, port[genl.A_PORT])
        self.call(genl.CMD_BIND, self.ref)

    def request(self, set=(), urc=None):
        if set:
            self.call(genl.CMD_PORT_SET, self.ref, (genl.A_SETTINGS, [
                (getattr(genl, f"S_{name}"), u32(value))
                for name, value in set.items()]))
        if urc is not None:
            self.call(genl.CMD_URC, self.ref, (genl.A_DATA, urc.encode()))
        attrs = self.call(genl.CMD_PORT_GET, self.ref)
        modem = attrs.get(genl.A_MODEM)
        say(port=None, modem=modem and num(modem),
            mode=num(attrs[genl.A_MODE]), counters={
                key: num(value) for key, value in genl.unpack(
                    attrs[genl.A_COUNTERS]).items()})

    def answer(self, attrs, *more):
        self.call(genl.CMD_REPLY, self.ref, (genl.A_SEQ, attrs[genl.A_SEQ]), *more)

    def final(self, attrs, flags):
        self.answer(attrs, (genl.A_FLAGS, u32(genl.FLAG_FINAL)), (
            genl.A_DATA, b"\r\nERROR\r\n" if flags & DAMAGE else b"\r\nOK\r\n"))

    def note_of(self, message):
        attrs = message.attrs
        if message.cmd == genl.CMD_MODEM_NTF:
            say(event=num(attrs[genl.A_EVENT]))
            return
        flags = num(attrs.get(genl.A_FLAGS, b""))
        data = attrs[genl.A_DATA]
        is_line = message.cmd == genl.CMD_LINE_NTF
        say(**{"line" if is_line else "data": data.decode("latin-1"),
               "flags": flags})
        if is_line and not flags and data.startswith(b"AT+D="):
            self.answer(attrs, (genl.A_DATA, b">"),
                        (genl.A_DATA_LEN, u32(int(data[5:]))))
        else:
            self.final(attrs, flags)

    def loop(self):
        while True:
            ready, _, _ = select.select([self.sock, sys.stdin], [], [])
            if sys.stdin in ready:
                line = sys.stdin.readline()
                if not line:
                    return
                self.request(**json.loads(line))
            if self.sock in ready:
                self.notes += self.receive(0)
            while self.notes:
                self.note_of(self.notes.pop(0))


with Owner(sys.argv[1]) as owner:
    owner.request()
    owner.loop()
