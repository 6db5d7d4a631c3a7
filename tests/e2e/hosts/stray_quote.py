# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A format string with one quote too many, sent for years."""


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTCONF=1"\r\n')
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60"\r\n', b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",1"\r\n' % world.inbox, b"+MQTTSUB: 1,1\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"v"\r\n' % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"v", 1)
    world.send(b"in", 1)
    uart.wait(b"+MQTTMSGI: 1,1,%d,2\r\n" % len(world.inbox))
    uart.ask(b'AT+MQTTREAD=1"\r\n', b'"%s","in"\r\n\r\nOK\r\n' % world.inbox)
    uart.clear()
    uart.send(b'AT+MQTTCLOSE=1"\r\n')
    uart.exactly(b"\r\nOK\r\n\r\n+MQTTCLOSE: 1,1\r\n")
