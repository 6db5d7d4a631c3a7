# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Never sends MQTTUSER, and brings the network up first."""


def replay(uart, world):
    uart.ask(b"AT\r\n")
    uart.ask(b"ATE0\r\n")
    uart.ask(b"AT+CPIN?\r\n", b"\r\n+CPIN: READY\r\n\r\nOK\r\n")
    uart.ask(b"AT+CSQ\r\n", b"\r\n+CSQ: ")
    uart.scan(rb"^\d+,99\r\n\r\nOK\r\n")
    uart.ask(b"AT+CREG?\r\n", b"\r\n+CREG: 0,")
    uart.scan(rb"^[12]\r\n\r\nOK\r\n")
    uart.ask(b"AT+CGATT?\r\n", b"\r\n+CGATT: ")
    uart.scan(rb"^[01]\r\n\r\nOK\r\n")
    uart.ask(b"AT+MQTTUSER?\r\n")
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n')
    uart.exactly(b"\r\n+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",0,0,"anonymous"\r\n' % world.topic)
    uart.exactly(b"\r\n+MQTTPUB: 1,1\r\n")
    world.arrived(b"anonymous")
    uart.ask(b"AT+MQTTCLOSE=1\r\n")
    uart.exactly(b"\r\n+MQTTCLOSE: 1,1\r\n")
