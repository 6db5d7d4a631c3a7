# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Line ends are CR alone; a LF that begins a payload is the payload's."""


def replay(uart, world):
    uart.ask(b"ATE0\r")
    uart.ask(b"AT\r")
    uart.ask(b"AT+CREG?\r", b"\r\n+CREG: 0,")
    uart.wait(b"\r\nOK\r\n")
    uart.ask(b'AT+MQTTUSER=1,"u","p"\r')
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r')
    uart.wait(b"\r\n+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",0\r' % world.inbox)
    uart.wait(b"\r\n+MQTTSUB: 1,1\r\n")
    for payload in b"\nfirst is a LF", b"\r\n", b"AT\r", bytes(range(256)):
        uart.clear()
        uart.send(b'AT+MQTTPUB=1,"%s",1,0,%d\r' % (world.topic, len(payload)))
        uart.exactly(b"\r\n>\r\n")
        uart.send(payload)
        uart.exactly(b"\r\nOK\r\n")
        uart.exactly(b"\r\n+MQTTPUB: 1,1\r\n")
        world.arrived(payload, 1)
    world.send(b"down")
    uart.exactly(b'\r\n+MQTTMSG: 1,0,"%s","down"\r\n' % world.inbox)
    uart.ask(b"AT+MQTTCLOSE=1\r")
    uart.exactly(b"\r\n+MQTTCLOSE: 1,1\r\n")
