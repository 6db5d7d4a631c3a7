# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""sprintf("...\\"%s\\"", json): quotes within quotes, as they are."""
PAYLOADS = [b'{"temp":1}', b'{"a":"b, c","d":[1,2]}', b'{"t":"x;AT+CSQ"}',
            b'""', b'"', b'{"url":"http://h/?a=1&b=2"}']


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    uart.ask(b'AT+MQTTUSER=1,"u","p"\r\n')
    # the will is JSON, too
    uart.ask(b'AT+MQTTWILL=1,"%s",1,0,"{"online":0}"\r\n' % world.topic)
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",1\r\n' % world.inbox, b"+MQTTSUB: 1,1\r\n")
    for payload in PAYLOADS:
        uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"%s"\r\n' % (world.topic, payload),
                 b"+MQTTPUB: 1,1\r\n")
        world.arrived(payload, 1)
        world.send(payload)
        # the payload ends at the line's last quote
        line = uart.scan(rb'\r\n\+MQTTMSG: 1,0,"([^"]*)","([^\r]*)"\r\n')
        assert line[1] == world.inbox and line[2] == payload
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
    world.nothing_more()                # closed, so no will
