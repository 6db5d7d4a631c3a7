# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Never looks for the prompt: the payload follows 300 ms after the command."""
import time


def replay(uart, world):
    for line in (b"AT\r\n", b"ATE0\r\n", b"AT+CSQ\r\n",
                 b'AT+MQTTUSER=1,"u","p","blind"\r\n',
                 b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,120\r\n'):
        uart.ask(line)
    uart.wait(b"+MQTTOPEN: 1,1")
    for number in range(3):
        payload = b'{"n":%d,"raw":"\r\n\xff"}' % number
        uart.clear()
        uart.send(b'AT+MQTTPUB=1,"%s",0,0,%d\r\n'
                  % (world.topic, len(payload)))
        time.sleep(0.3)
        uart.send(payload + b"\r\n")        # its printf() ends in CRLF
        uart.wait(b"OK")
        uart.wait(b"+MQTTPUB: 1,1")
        world.arrived(payload)
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1")
    world.nothing_more()
