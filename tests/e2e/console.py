# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A person's terminal on the UART of the bed."""
import os
import select
import shutil
import subprocess
import sys
import termios
import tty

import bed

END = b"\x1d"           # Ctrl-]

HINTS = """
  AT
  AT+MQTTOPEN=1,"broker.test",1883,1,60
  AT+MQTTSUB=1,"hello",1
  AT+MQTTPUB=1,"hello",1,0,"world"

The cloud's side, in another shell:
  {bed} exec -- mosquitto_sub -v -t '#'
"""


def terminal(port):
    """Keys to the UART and back, until Ctrl-]."""
    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    saved = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        while True:
            for fd in select.select([0, line], [], [])[0]:
                data = os.read(fd, 4096)
                if not data or (fd == 0 and END in data):
                    return
                os.write(line if fd == 0 else 1, data)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, saved)


def main():
    if not os.isatty(0):
        sys.exit("console: needs a terminal")
    ready = subprocess.run([bed.BED, "ready"], stdout=subprocess.PIPE,
                           check=True, text=True)
    bed.KERNEL = ready.stdout.strip()
    print(f"console: bringing up the bed with the {bed.KERNEL} kernel")
    port = bed.up("--ports", "1")["ports"][0]
    try:
        print(f"console: this is the UART ({port}). Try:")
        print(HINTS.format(bed=bed.BED.relative_to(bed.ROOT)))
        if shutil.which("picocom"):
            print("console: picocom; Ctrl-A Ctrl-X ends it\n")
            subprocess.run(["picocom", "-q", "--noreset", port], check=False)
        else:
            print("console: Ctrl-] ends it\n")
            terminal(port)
    finally:
        print("\nconsole: ending the bed")
        bed.down()


main()
