# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""ESP32 with Arduino's core, HTTP: its start only, up to the address.

It presses the power key, waits 10 s for "+SIM READY", waits 10 s blindly, and
then must find "OK" where it skipped the echo of its command and three bytes.
All times, the module's too, are a tenth here.

Its own: the line must be the very first that it sees, which it is not behind
"AT command ready", so that the wait passes; and it does not empty its buffer.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp

SCALE = 0.1


class Airella(Driver):
    KNOBS = {"boot_ms": 200, "announce_ms": 500}

    def start(self):
        self.uart.clear()
        self.world.press_pin()
        self.uart.window(10000 * SCALE)
        seen = self.uart.got.replace(b"\r", b"").replace(b"\n", b"")
        assert seen.startswith(b"AT command ready+SIM READY")
        self.uart.got = b""
        time.sleep(10 * SCALE)
        self.call()

    def command(self, line, want):
        """Whether it is the very next behind the echo and three bytes; it
        reads until it knows, or 10 s."""
        self.uart.send(line + b"\r\n")
        end = time.monotonic() + 10 * SCALE * SLOW
        while True:
            answer = self.uart.got[len(line) + 3:]
            if answer.startswith((want, b"ERROR")) or time.monotonic() > end:
                break
            self.uart.receive(0.1)
        self.uart.got = answer[len(want):]
        return answer

    def call(self):
        """What was announced during its blind wait may cost it one try."""
        line = b'AT+MIPCALL=1,"internet","internet","internet"'
        for _ in range(3):
            if (got := self.command(line, b"OK")).startswith(b"OK"):
                self.uart.wait(b"+MIPCALL: 127.0.0.1\r\n")
                return
            self.uart.clear()
        raise GaveUp(f"no address: {got!r}")

    def work(self):
        for line in (b'AT+HTTPSET="URL","http://127.0.0.1/"',
                     b"AT+HTTPACT=0"):
            got = self.command(line, b"OK")
            assert got.startswith(b"ERROR"), got    # at once: there is no HTTP
            self.uart.clear()

    def recover(self):
        """It does nothing about it; its next start must work."""
        self.start()


DRIVER = Airella
