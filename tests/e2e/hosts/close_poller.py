# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Asks MQTTCLOSE? for what is open, and believes nothing else."""
import time


def poll(uart):
    """The line ahead of OK: a result of MQTTCLOSE may precede it."""
    uart.clear()
    uart.send(b"AT+MQTTCLOSE?\r\n")
    return uart.scan(rb"\r\n\+MQTTCLOSE: ([0-9,]+)\r\n\r\nOK\r\n")[1]


def until(uart, state):
    for _ in range(50):
        if poll(uart) == state:
            return
        time.sleep(0.1)
    raise AssertionError(f"never {state!r}")


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    assert poll(uart) == b"0"
    for client in b"12":
        uart.ask(b'AT+MQTTOPEN=%c,"127.0.0.1",1883,1,60\r\n' % client)
        until(uart, b"1" if client == ord("1") else b"1,2")
        uart.ask(b'AT+MQTTPUB=%c,"%s",1,0,"from %c"\r\n'
                 % (client, world.topic, client), b"+MQTTPUB: %c,1" % client)
        world.arrived(b"from %c" % client, 1)
    uart.ask(b"AT+MQTTCLOSE=1\r\n")
    until(uart, b"2")
    uart.ask(b"AT+MQTTCLOSE=2\r\n")
    until(uart, b"0")
