# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The client's half of `bed exec`: one connection, one command."""
import json
import os
import socket
import sys
import threading

import frame

SILENCE_SECONDS = 60    # of the bed's own commands
NO_GUEST = 125          # as docker and env do: not the command's own status


class Gone(Exception):
    """There is no guest (any more)."""


def connect(run):
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(os.path.join(run, "exec.sock"))
    except OSError as error:
        raise Gone(why(run)) from error
    return sock


def why(run):
    try:
        with open(os.path.join(run, "end")) as file:
            return file.read().strip()
    except OSError:
        return f"no bed is up in {run}"


def send_stdin(sock, source):
    try:
        while data := os.read(source, frame.CHUNK):
            sock.sendall(frame.pack(0, frame.STDIN, data))
        sock.sendall(frame.pack(0, frame.STDIN))
    except OSError:
        pass                    # the command has ended


def execute(run, argv, stdin, on_output, silence=None):
    """Run argv in the guest; stdin is a descriptor, or None for none.

    Gone when nothing is heard of it for so many seconds of silence.
    """
    with connect(run) as sock:
        sock.settimeout(silence)
        request = json.dumps({"argv": argv, "cwd": os.getcwd()})
        sock.sendall(frame.pack(0, frame.OPEN, request.encode()))
        if stdin is None:
            sock.sendall(frame.pack(0, frame.STDIN))
        else:
            threading.Thread(target=send_stdin, args=(sock, stdin),
                             daemon=True).start()
        stream = sock.makefile("rb")
        try:
            while True:
                _, kind, payload = frame.read(stream)
                if kind == frame.EXIT:
                    return int(payload)
                on_output(kind, payload)
        except TimeoutError as error:
            raise Gone(f"no answer from the guest to {argv}") from error
        except (EOFError, ConnectionError) as error:
            raise Gone(why(run)) from error


def passthrough(kind, payload):
    stream = sys.stdout if kind == frame.STDOUT else sys.stderr
    stream.buffer.write(payload)
    stream.buffer.flush()


def capture(run, *argv):
    """Run argv; its exit status and what it wrote to both outputs."""
    output = []
    status = execute(run, list(argv), None,
                     lambda _, data: output.append(data), SILENCE_SECONDS)
    return status, b"".join(output).decode(errors="replace")


def stop(run):
    """Ask the keeper to end the guest; returns when it has."""
    with connect(run) as sock:
        sock.sendall(frame.pack(0, frame.STOP))
        while sock.recv(frame.CHUNK):
            pass
