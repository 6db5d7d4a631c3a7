# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""No quotes anywhere, and numbers padded with zeros."""


def replay(uart, world):
    for line in (b"AT\r", b"ATE0\r", b"AT+MQTTUSER=1,user,pass,dev-7\r",
                 b"AT+MQTTCONF=1\r"):
        uart.ask(line)
    uart.ask(b"AT+MQTTUSER?\r", b'+MQTTUSER: 1,"user","pass","dev-7"\r\n')
    uart.ask(b"AT+MQTTOPEN=1,127.0.0.1,01883,1,060\r", b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b"AT+MQTTSUB=1,%s,1\r" % world.inbox, b"+MQTTSUB: 1,1\r\n")
    uart.ask(b"AT+MQTTPUB=1,%s,1,0,hello world\r" % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"hello world", 1)
    uart.clear()
    uart.send(b"AT+MQTTPUB=1,%s,1,0,0005\r" % world.topic)
    uart.wait(b"\r\n>\r\n")
    uart.send(b"12345")
    uart.wait(b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"12345", 1)
    world.send(b"back", 1)
    uart.wait(b"+MQTTMSGI: 1,1,%d,4\r\n" % len(world.inbox))
    uart.ask(b"AT+MQTTREAD=1\r",
             b'+MQTTREAD: 1,1,%d,4,"%s","back"\r\n\r\nOK\r\n'
             % (len(world.inbox), world.inbox))
    uart.ask(b"AT+MQTTUNSUB=1,%s\r" % world.inbox, b"+MQTTUNSUB: 1,1\r\n")
    uart.ask(b"AT+MQTTCLOSE=1\r", b"+MQTTCLOSE: 1,1\r\n")
