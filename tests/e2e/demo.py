# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A session of a host with the gateway, printed as it passes on the wire.

    this program ── UART ── n_at ── atmqttd ── mosquitto ── "the cloud"
"""
import subprocess
import sys
import time

import bed
from broker import Subscriber, publish
from host import Host, Mismatch

PROMPT = "\r\n>\r\n"


def visible(data):
    """Bytes as people write them: \\r, \\n, \\xff."""
    return repr(data)[2:-1].replace('\\"', '"').replace("\\'", "'")


def say(text=""):
    print(text, flush=True)


class Demo:
    """The two ends; each step prints and is held against the spec."""

    def __init__(self, port):
        self.host = Host(port)
        self.compared = 0

    def send(self, data):
        say(f"  → {visible(data)}")
        self.host.write(data)

    def get(self, data):
        self.host.expect(data)
        self.compared += len(data)
        say(f"  ← {visible(data)}")

    def boot_lines(self):
        """They come again until the host has said something: one pair is
        enough for who looks late."""
        self.result("AT command ready")
        self.result("+SIM READY")
        self.host.drain(0.1)

    def command(self, line, *answers):
        """A line, its echo, and its answers between CRLFs."""
        self.send(line.encode() + b"\r")
        self.get(line.encode() + b"\r")
        for answer in answers:
            self.result(answer)

    def result(self, text):
        self.get(b"\r\n" + text.encode() + b"\r\n")

    def cloud_gets(self, cloud, topic, payload):
        cloud.expect(topic, payload)
        self.compared += len(payload)
        say(f"      cloud got {topic}: {visible(payload)}")

    def cloud_sends(self, topic, payload):
        say(f"      cloud sends {topic}: {visible(payload)}")
        publish(topic, payload, 1)


def play(d, cloud):
    say("\nThe module was switched on:")
    d.boot_lines()

    say("\nA host says hello and opens a connection with a password:")
    d.command("AT", "OK")
    d.command('AT+MQTTUSER=1,"device","secret","demo-1"', "OK")
    d.command('AT+MQTTOPEN=1,"broker.test",1884,1,60', "OK", "+MQTTOPEN: 1,1")
    d.command('AT+MQTTSUB=1,"demo/down",1', "OK", "+MQTTSUB: 1,1")

    say("\nIt publishes, the payload within the line:")
    d.command('AT+MQTTPUB=1,"demo/up",1,0,"{"temp":21.5}"', "OK",
              "+MQTTPUB: 1,1")
    d.cloud_gets(cloud, "demo/up", b'{"temp":21.5}')

    say("\nIt publishes raw bytes by Datasize:")
    payload = b"\x00\x01\r\nAT\r\n\x7f\xfe\xff\"end"
    d.command(f'AT+MQTTPUB=1,"demo/up",2,0,{len(payload)}')
    d.get(PROMPT.encode())
    d.send(payload)
    d.result("OK")
    d.result("+MQTTPUB: 1,1")
    d.cloud_gets(cloud, "demo/up", payload)

    say("\nA message comes:")
    d.cloud_sends("demo/down", b'{"led":"on"}')
    d.result('+MQTTMSG: 1,1,"demo/down","{"led":"on"}"')

    say("\nMessages wait to be read:")
    d.command("AT+MQTTCONF=1", "OK")
    d.cloud_sends("demo/down", b"reboot")
    d.result("+MQTTMSGI: 1,1,9,6")
    d.command("AT+MQTTREAD=1", '+MQTTREAD: 1,1,9,6,"demo/down","reboot"',
              "OK")
    d.command("AT+MQTTREAD=1", "+MQTTREAD: 1,0,0,0", "OK")

    say("\nThe second client uses TLS:")
    d.command('AT+MQTTOPEN=2,"broker.test",8883,1,60,2', "OK",
              "+MQTTOPEN: 2,1")
    d.command('AT+MQTTPUB=2,"demo/up",1,0,"sealed"', "OK", "+MQTTPUB: 2,1")
    d.cloud_gets(cloud, "demo/up", b"sealed")
    d.command("AT+MQTTCLOSE=2", "OK", "+MQTTCLOSE: 2,1")

    say("\nIt closes; what is wrong is answered so:")
    d.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    d.command('AT+MQTTPUB=1,"demo/up",1,0,"x"', "ERROR")
    d.command("AT+MQTTCONF=7", "+CME ERROR: 50")
    d.host.quiet()


def main():
    started = time.monotonic()
    ready = subprocess.run([bed.BED, "ready"], stdout=subprocess.PIPE,
                           check=True, text=True)
    bed.KERNEL = ready.stdout.strip()
    say(f"demo: bringing up the bed with the {bed.KERNEL} kernel")
    info = bed.up("--ports", "1")
    try:
        cloud = Subscriber("demo/up")
        demo = Demo(info["ports"][0])
        played = time.monotonic()
        play(demo, cloud)
        cloud.close()
        bed.check_log()
    finally:
        bed.down()
    say(f"\ndemo: passed, {demo.compared} bytes as specified, no kernel "
        f"report; dialogue {time.monotonic() - played:.1f} s, "
        f"all {time.monotonic() - started:.0f} s")


try:
    main()
except (Mismatch, AssertionError, OSError,
        subprocess.SubprocessError) as error:
    say(f"\ndemo: FAILED: {error}")
    sys.exit(1)
