# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Command and payload leave in one write(); so does the next command."""
OK, SENT = b"\r\nOK\r\n", b"\r\n+MQTTPUB: 1,1\r\n"


def replay(uart, world):
    uart.ask(b"AT\r\n")
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTUSER=1,"u","p"\r\n')
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    payloads = [b"short", bytes(range(256)) * 4, b"\nlf", b"AT+MQTTCLOSE=1\r"]
    for payload in payloads:
        uart.clear()
        uart.send(b'AT+MQTTPUB=1,"%s",1,0,%d\r\n%sAT\r\n'
                  % (world.topic, len(payload), payload))
        uart.exactly(b"\r\n>\r\n" + OK)
        # the broker is as quick as the next command, or not
        uart.scan(rb"^(\r\nOK\r\n\r\n\+MQTTPUB: 1,1\r\n"
                  rb"|\r\n\+MQTTPUB: 1,1\r\n\r\nOK\r\n)")
        world.arrived(payload, 1)
    uart.nothing()
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
