# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Leaves the data mode that it may be in, without a pause, then starts."""


def replay(uart, world):
    uart.clear()
    uart.send(b"++++++AT\r\n")
    uart.wait(b"OK\r\n")
    uart.ask(b"++++++ATE0\r\n")
    uart.ask(b"AT+CFUN=1\r\n")
    uart.ask(b'AT+MQTTUSER=1,"u","p"\r\n')
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",0,0,"++++++AT"\r\n' % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"++++++AT")
    # restarted by its watchdog: the same start with the link open
    uart.ask(b"++++++AT\r\n")
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
    world.nothing_more()
