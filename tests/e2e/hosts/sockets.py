# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Hosts that bring TLS or MQTT of their own: all that they send ahead of the
socket, which is refused at once and not after their 60 s.

A tool in Python uploads a root with CRLFs in it and nothing behind it, and
takes the count of them by a regular expression; a port of a vendor's library
asks for the format of what a socket receives.
"""
import os
import pathlib
import re

ERROR = b"\r\nERROR\r\n"


def refused(uart, line):
    uart.clear()
    assert uart.block(line + b"\r\n", len(ERROR), 150) == ERROR


def roots(uart):
    uart.clear()
    uart.send(b"AT+GTSSLFILE?\r\n")
    return int(uart.scan(rb"\+GTSSLFILE:\s*TRUSTFILE\s*,\s*(\d+)")[1])


def upload(uart, data):
    uart.ask(b'AT+GTSSLFILE="TRUSTFILE",%d\r\n' % len(data), b">")
    uart.wait(b"\r\n")
    uart.send(data)
    uart.exactly(b"\r\nOK\r\n")


def replay(uart, world):
    certs = pathlib.Path(os.environ["ATMQTT_BED"]) / "certs"
    uart.ask(b"ATE0\r\n")
    for line, want in ((b"AT+COPS?", b"+COPS: 0"),
                       (b"AT+CGREG?", b"+CGREG: 0,1"),
                       (b"AT+MIPCALL=0", b"\r\n"), (b"AT+MIPCALL?", b"OK"),
                       (b"AT+MIPCALL=1", b"+MIPCALL"),
                       (b'AT+GTSET="IPRFMT",2', b"OK"),
                       (b"AT+GTSSLVER?", b"+GTSSLVER: "),
                       (b"AT+GTSSLMODE?", b"+GTSSLMODE: "),
                       (b"AT+GTSSLMODE=1", b"OK"), (b"AT+GTSSLVER=4", b"OK")):
        uart.ask(line + b"\r\n", want)
    for number, name in enumerate(("ca", "wrong-ca")):
        data = (certs / f"{name}.pem").read_bytes()
        upload(uart, re.sub(rb"\r?\n", b"\r\n", data))
        assert roots(uart) == number + 1
    uart.ask(b'AT+MIPDNS="localhost",0\r\n', b'+MIPDNS: "localhost",127.0.0.1')
    for line in (b'AT+MIPOPEN=1,,"localhost",8883,2', b"AT+MIPSEND?",
                 b'AT+HMCON=0,60,"localhost","1883","id","secret",0',
                 b"AT+HMDIS", b'AT+TCMQTTCONN=1,20000,240,1,1'):
        refused(uart, line)
    # those roots are good for the module's own MQTT
    uart.ask(b'AT+MQTTOPEN=1,"localhost",8883,1,60,2\r\n',
             b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",0,0,"mine"\r\n' % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"mine")
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
