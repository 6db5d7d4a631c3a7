# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Forgets the CR behind a publish: the next command ends that line.

The two are one line then.  What comes out is an error or a publish of both;
the firmware sees an answer, and its next command works.
"""


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    # L8: only blanks may follow the last quote, so the line is wrong
    uart.clear()
    uart.send(b'AT+MQTTPUB=1,"%s",1,0,"lost"' % world.topic)
    uart.nothing(300)
    uart.send(b"AT+CSQ\r\n")
    uart.exactly(b"\r\nERROR\r\n")
    uart.nothing()
    world.nothing_more()
    # with a quote at the end, the payload goes on to that one
    uart.send(b'AT+MQTTPUB=1,"%s",1,0,"one"' % world.topic)
    uart.send(b'AT+MQTTPUB=1,"%s",1,0,"two"\r\n' % world.topic)
    uart.exactly(b"\r\nOK\r\n\r\n+MQTTPUB: 1,1\r\n")
    world.arrived(b'one"AT+MQTTPUB=1,"%s",1,0,"two' % world.topic, 1)
    # the retry, as it should be
    uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"kept"\r\n' % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"kept", 1)
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
