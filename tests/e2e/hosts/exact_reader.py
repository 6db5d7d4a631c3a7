# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Echo stays on; MQTTREAD's answer is counted byte by byte in 20 ms.

The reader knows where everything stands from the announcement's lengths, so
it reads echo, answer and OK as one block of a computed size.  The next
command follows a NUL of its own string buffer and left-overs.
"""
OPEN = b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n'


def read_one(uart, world, payload):
    uart.scan(rb"\r\n\+MQTTMSGI: 1,(\d),(\d+),(\d+)\r\n")
    uart.got = b""
    command = b"AT+MQTTREAD=1\r"
    want = (command + b'\r\n+MQTTREAD: 1,1,%d,%d,"%s","%s"\r\n\r\nOK\r\n'
            % (len(world.inbox), len(payload), world.inbox, payload))
    uart.block(command, len(want), 20)
    assert uart.got == want, f"{uart.got!r}, not {want!r}"
    offset = want.index(b'","') + 3
    assert uart.got[offset:offset + len(payload)] == payload
    uart.got = b""


def replay(uart, world):
    uart.ask(b"AT\r\n")
    uart.ask(b"AT+CPIN?\r\n", b"+CPIN: READY\r\n\r\nOK\r\n")
    uart.ask(b"AT+CMEE=1\r\n")
    uart.ask(b'AT+MQTTUSER=1,"user","secret","exact-1"\r\n')
    uart.ask(b"AT+MQTTCONF=1\r\n")
    uart.ask(OPEN, b"\r\nOK\r\n")
    uart.wait(b"\r\n+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",1\r\n' % world.inbox)
    uart.wait(b"\r\n+MQTTSUB: 1,1\r\n")
    for payload in b"on", b'{"temp":21}', b"x" * 200, b'a"b,c\\22':
        world.send(payload, 1)
        read_one(uart, world, payload)
        # sizeof instead of strlen: the terminator and what stands behind it
        uart.send(b"\r\n\0\x13junk\0")
    command = b"AT+MQTTREAD=1\r"
    uart.send(command)
    uart.window(100)
    assert uart.got.endswith(command + b"\r\n+MQTTREAD: 1,0,0,0\r\n\r\nOK\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"state=1"\r\n' % world.topic)
    uart.wait(b"\r\n+MQTTPUB: 1,1\r\n")
    world.arrived(b"state=1", 1)
    uart.ask(b"AT+MQTTCLOSE=1\r\n")
    assert not uart.wait(b"\r\n+MQTTCLOSE: 1,1\r\n")
