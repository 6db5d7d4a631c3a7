# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""notify.py FILE COMMAND...: become COMMAND; FILE appears when it says READY=1.

The service manager's part of sd_notify(3), for a guest that has none.
"""
import os
import socket
import sys

ready, command = sys.argv[1], sys.argv[2:]
address = ready + ".sock"
for path in ready, address:
    if os.path.exists(path):
        os.unlink(path)
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(address)
os.chmod(address, 0o777)        # COMMAND may become another user
if (child := os.fork()) == 0:
    if os.fork():
        os._exit(0)             # so that init reaps, not the command
    sock.settimeout(60)
    while b"READY=1" not in sock.recv(4096):
        pass
    os.close(os.open(ready, os.O_WRONLY | os.O_CREAT, 0o644))
    os._exit(0)
os.waitpid(child, 0)
sock.close()
os.environ["NOTIFY_SOCKET"] = address
os.execvp(command[0], command)
