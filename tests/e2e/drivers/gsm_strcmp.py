# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""STM32's HAL, a fragment: strcmp() of a buffer that each LF empties.

Until it has seen both boot lines, each alone and with its CRLF, its state is
OFF, for good if the key is not wired.  It sees a restart in the same way.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp

STATES = {b"AT command ready\r\n": "AT ready", b"+SIM READY\r\n": "SIM ready"}


class GsmStrcmp(Driver):

    def start(self):
        self.states = ["off"]
        self.uart.clear()
        self.world.press_pin()
        self.follow()

    def follow(self):
        buffer = b""
        end = time.monotonic() + 10 * SLOW
        while self.states[-1] != "SIM ready":
            if time.monotonic() > end:
                raise GaveUp(f"{self.states} {buffer!r}")
            self.uart.receive(0.5)
            got, self.uart.got = self.uart.got, b""
            for byte in got:
                buffer += bytes([byte])
                if byte == ord("\n"):
                    self.states += [STATES[buffer]] if buffer in STATES else []
                    buffer = b""
        assert self.states == ["off", "AT ready", "SIM ready"]

    def work(self):
        self.uart.ask(b"AT\r\n")

    def recover(self):
        self.states = ["off"]
        self.follow()


DRIVER = GsmStrcmp
