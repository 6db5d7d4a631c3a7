# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Runs in the guest: starts the commands that arrive as frames on a device.

  keeper (host) <== frames ==> /dev/tty1 or a virtio port <==> agent <- pipes -> commands
"""
import glob
import json
import os
import queue
import signal
import subprocess
import sys
import termios
import threading
import time
import tty

import frame

# A command's own daemons may keep its pipes open: do not wait for those.
DRAIN_SECONDS = 0.5


class Link:
    """The device; frames of several threads go out whole."""

    def __init__(self, path):
        self.fd = self.open(path)
        try:
            tty.setraw(self.fd)
        except termios.error:
            pass                # a virtio port is no tty
        self.stream = os.fdopen(self.fd, "rb", buffering=0)
        self.lock = threading.Lock()

    @staticmethod
    def open(pattern):
        """A virtio port appears some time after its driver."""
        while not (found := glob.glob(pattern)):
            time.sleep(0.02)
        return os.open(found[0], os.O_RDWR | os.O_NOCTTY)

    def send(self, channel, kind, payload=b""):
        data = frame.pack(channel, kind, payload)
        with self.lock:
            while data:
                data = data[os.write(self.fd, data):]


class Command:
    """One process of a channel and the threads which move its bytes."""

    def __init__(self, link, channel, argv, cwd):
        self.link = link
        self.channel = channel
        self.input = queue.Queue()
        self.process = subprocess.Popen(
            argv, cwd=cwd, bufsize=0, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.output = [self.thread(self.pump, self.process.stdout, frame.STDOUT),
                       self.thread(self.pump, self.process.stderr, frame.STDERR)]
        self.thread(self.feed)
        self.thread(self.finish)

    @staticmethod
    def thread(function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        return thread

    def pump(self, pipe, kind):
        while data := os.read(pipe.fileno(), frame.CHUNK):
            self.link.send(self.channel, kind, data)

    def feed(self):
        try:
            while data := self.input.get():
                self.process.stdin.write(data)
        except BrokenPipeError:
            pass
        self.process.stdin.close()

    def finish(self):
        status = self.process.wait()
        for thread in self.output:
            thread.join(DRAIN_SECONDS)
        self.input.put(b"")
        self.link.send(self.channel, frame.EXIT,
                       b"%d" % (status if status >= 0 else 128 - status))

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


def start(link, channel, request):
    cwd = request["cwd"] if os.path.isdir(request["cwd"]) else "/"
    try:
        return Command(link, channel, request["argv"], cwd)
    except (OSError, ValueError) as error:
        link.send(channel, frame.STDERR, f"bed exec: {error}\n".encode())
        link.send(channel, frame.EXIT, b"127")
        return None


def main():
    link = Link(sys.argv[1])
    commands = {}
    link.send(0, frame.HELLO)
    while True:
        channel, kind, payload = frame.read(link.stream)
        if kind == frame.OPEN:
            commands = {k: c for k, c in commands.items()
                        if c.process.returncode is None}
            if command := start(link, channel, json.loads(payload)):
                commands[channel] = command
        elif command := commands.get(channel):
            if kind == frame.STDIN:
                command.input.put(payload)
            elif kind == frame.KILL:
                command.kill()


main()
