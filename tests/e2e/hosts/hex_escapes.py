# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Quotes, and what else its printf() cannot carry, as \\HH."""


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTUSER=1,"u\\40example","p\\22w"\r\n')
    uart.ask(b"AT+MQTTUSER?\r\n", b'+MQTTUSER: 1,"u@example","p"w"\r\n')
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    for sent, payload in ((rb"{\22temp\22:1}", b'{"temp":1}'),
                          (rb"\00\0d\0A\FF", b"\0\r\n\xff"),
                          (rb"100\25", b"100%"),
                          (rb"\5C22", rb"\22")):
        uart.ask(b'AT+MQTTPUB=1,"%s",2,0,"%s"\r\n' % (world.topic, sent),
                 b"+MQTTPUB: 1,1\r\n")
        world.arrived(payload, 2)
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
