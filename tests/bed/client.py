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


def run_directory():
    base = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"
    return os.path.abspath(os.environ.get("ATMQTT_BED")
                           or os.path.join(base, "atmqtt-bed"))


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
    try:
        stream.buffer.write(payload)
        stream.buffer.flush()
    except BrokenPipeError:
        os._exit(141)           # as SIGPIPE would; the keeper sees us go


def main(argv):
    """`bed exec [--] COMMAND...`; does not return."""
    argv = argv[1:] if argv[:1] == ["--"] else argv
    if not argv:
        sys.exit("usage: bed exec [--] COMMAND...")
    stdin = None if sys.stdin is None or os.isatty(0) else 0
    try:
        status = execute(run_directory(), argv, stdin, passthrough)
    except Gone as error:
        print(f"bed: {error}", file=sys.stderr)
        status = NO_GUEST
    sys.stdout.flush()
    sys.stderr.flush()
    # the thread that reads stdin may never see its end
    os._exit(status)


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
