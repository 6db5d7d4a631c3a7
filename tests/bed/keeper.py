# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The one process that lives as long as a bed does.

  host firmware = test -> /dev/pts/N ===== keeper's master === guest's UART
  bed exec -> exec.sock --\\
  bed exec -> exec.sock ---> keeper <= frames => agent in the guest

It owns the guest, keeps each pty open and raw so that no byte is lost while
nobody has opened it, and ends with the guest, by `bed down` or after the bed's
lifetime.  What ended it is left in the file "end".
"""
import asyncio
import ctypes
import json
import os
import signal
import sys
import time

import frame
import qemu
import uml

STOP_SECONDS = 5
PR_SET_CHILD_SUBREAPER = 36


class Keeper:
    def __init__(self, run, config):
        self.run = run
        self.config = config
        self.clients = {}
        self.last_channel = 0
        self.link = None
        self.guest = None
        self.stopping = False

    def write(self, name, text):
        temporary = os.path.join(self.run, f".{name}")
        with open(temporary, "w") as file:
            file.write(text)
        os.rename(temporary, os.path.join(self.run, name))

    async def from_guest(self, reader):
        while True:
            head = await reader.readexactly(frame.HEADER.size)
            channel, kind, length = frame.HEADER.unpack(head)
            payload = await reader.readexactly(length)
            if kind == frame.HELLO:
                self.write("ready", f"{time.time()}\n")
            elif client := self.clients.get(channel):
                client.write(frame.pack(0, kind, payload))

    async def serve(self, reader, writer):
        self.last_channel += 1
        channel = self.last_channel
        self.clients[channel] = writer
        try:
            while True:
                head = await reader.readexactly(frame.HEADER.size)
                _, kind, length = frame.HEADER.unpack(head)
                payload = await reader.readexactly(length)
                if kind == frame.STOP:
                    await self.stop()
                    writer.write(frame.pack(0, frame.EXIT, b"0"))
                    return
                self.link.write(frame.pack(channel, kind, payload))
                await self.link.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.link.write(frame.pack(channel, frame.KILL))
        finally:
            del self.clients[channel]
            writer.close()

    async def stop(self):
        self.stopping = True
        request = {"argv": ["busybox", "poweroff", "-f"], "cwd": "/"}
        self.link.write(frame.pack(0, frame.OPEN, json.dumps(request).encode()))
        try:
            await asyncio.wait_for(self.guest.wait(), STOP_SECONDS)
        except asyncio.TimeoutError:
            self.guest.kill()
            await self.guest.wait()

    async def until_end(self):
        """Wait for the guest's end; says why it ended."""
        try:
            status = await asyncio.wait_for(self.guest.wait(),
                                            self.config["lifetime"])
        except asyncio.TimeoutError:
            self.guest.kill()
            await self.guest.wait()
            return f"the lifetime of {self.config['lifetime']} s is over"
        if self.stopping:
            return "stopped"
        return f"the guest ended by itself (status {status})"

    async def main(self):
        backend = {"uml": uml, "qemu": qemu}[self.config["backend"]]
        started = await backend.start(self.run, self.config)
        self.guest = started.process
        reader, self.link = started.reader, started.writer
        self.write("ports", json.dumps(started.ports))
        server = await asyncio.start_unix_server(
            self.serve, os.path.join(self.run, "exec.sock"))
        pump = asyncio.create_task(self.from_guest(reader))
        reason = await self.until_end()
        self.write("end", reason + "\n")
        pump.cancel()
        server.close()
        await asyncio.sleep(0.05)       # let the answer to STOP out


def kill_orphans():
    """A killed user mode kernel leaves the host processes of its tasks."""
    for _ in range(100):
        with open("/proc/thread-self/children") as file:
            children = [int(pid) for pid in file.read().split()]
        if not children:
            return
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            os.waitpid(pid, 0)


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    run = sys.argv[1]
    with open(os.path.join(run, "keeper.json")) as file:
        keeper = Keeper(run, json.load(file))
    try:
        asyncio.run(keeper.main())
    except Exception as error:
        keeper.write("end", f"the guest did not start: {error}\n")
        raise
    finally:
        kill_orphans()


main()
