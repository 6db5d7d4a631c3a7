# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Quotes as a JSON library escapes them, and 100 bytes to read into."""


def replay(uart, world):
    uart.size = 100
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",0\r\n' % world.inbox, b"+MQTTSUB: 1,1\r\n")
    for sent, payload in ((rb'{\"temp\":1}', b'{"temp":1}'),
                          (rb'{\"p\":\"C:\\\\d\"}', rb'{"p":"C:\\d"}'),
                          (rb'line\r\nline', b"line\r\nline"),
                          (rb'{\"a\":\"\"}', b'{"a":""}')):
        uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"%s"\r\n' % (world.topic, sent),
                 b"+MQTTPUB: 1,1\r\n")
        world.arrived(payload, 1)
    # more than it can hold: it keeps the start, and works on
    uart.clear()
    world.send(b"z" * 1000)
    uart.window(500)
    head = b'\r\n+MQTTMSG: 1,0,"%s","' % world.inbox
    assert uart.got == (head + b"z" * 100)[:100]
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
