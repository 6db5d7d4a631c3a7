# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Two parsers of one line: one needs the space after the colon, because it
reads from a fixed offset; one splits at commas and compares, so that a space
after a comma would be part of the value.
"""


def fixed_offsets(line, world, payload):
    """buf + strlen("+MQTTMSG: "), single digits, the topic's length known"""
    assert line[:10] == b"+MQTTMSG: "
    assert line[10:14] == b"1,1,"
    topic_end = 15 + len(world.inbox)
    assert line[14:topic_end + 1] == b'"%s"' % world.inbox
    assert line[topic_end + 1:] == b',"%s"' % payload


def split_at_commas(line, world, payload):
    """strtok(buf, ":") and strtok(NULL, ","), strcmp() with the quotes"""
    name, _, values = line.partition(b":")
    assert name == b"+MQTTMSG"
    client, qos, topic, rest = values.split(b",", 3)
    assert (int(client), qos) == (1, b"1")      # atoi() skips the blank
    assert topic == b'"%s"' % world.inbox
    assert rest == b'"%s"' % payload


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    uart.ask(b"AT+MQTTCONF=0\r\n")
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n')
    uart.exactly(b"\r\n+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTSUB=1,"%s",1\r\n' % world.inbox)
    uart.exactly(b"\r\n+MQTTSUB: 1,1\r\n")
    for payload in b"1", b"a, b", b" blank", b"c:d,e":
        for parser in fixed_offsets, split_at_commas:
            world.send(payload, 1)
            parser(uart.scan(rb"^\r\n(\+[^\r]*)\r\n")[1], world, payload)
    uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"ack"\r\n' % world.topic)
    uart.exactly(b"\r\n+MQTTPUB: 1,1\r\n")
    world.arrived(b"ack", 1)
    uart.ask(b"AT+MQTTCLOSE=1\r\n")
    uart.exactly(b"\r\n+MQTTCLOSE: 1,1\r\n")
