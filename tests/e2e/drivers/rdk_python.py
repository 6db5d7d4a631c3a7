# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""L610, Python with pyserial: looks at no answer, sleeps instead.

It sleeps a third as long here as there.  Quotes go out as \\22, other text as
UTF-8.  Nothing tells it of a loss: it needs reconnect.

Its own: a backslash within its JSON is not escaped, and is eaten.
"""
import json
import time

from drivers.driver import Driver

SCALE = 1 / 3


class RdkPython(Driver):
    KNOBS = {"reconnect": "yes"}

    def start(self):
        for line in ("AT", "ATE0", "AT+CPIN?", "AT+CSQ", "AT+CEREG?",
                     "AT+CGATT?", "AT+MIPCALL?"):
            self.send(line)
        self.send("AT+MQTTCLOSE=1")     # an ERROR the first time
        self.send('AT+MQTTUSER=1,"L610","123"')
        self.send('AT+MQTTOPEN=1,"127.0.0.1",1883,0,60', 6)
        self.send(f'AT+MQTTSUB=1,"{self.world.inbox.decode()}",0', 2)

    def send(self, line, seconds=1.0):
        self.uart.send(line.encode() + b"\r\n")
        time.sleep(seconds * SCALE)
        text, self.uart.got = self.uart.window(0), b""
        return text.decode(errors="ignore")

    def publish(self, data):
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        text = text.replace('"', "\\22")
        topic = self.world.topic.decode()
        self.send(f'AT+MQTTPUB=1,"{topic}",0,0,"{text}"', 2)

    def work(self):
        event = {"plate": "浙A12345", "event": None, "at": 1.5,
                 "n": self.payload().decode()}
        self.publish(event)
        assert self.world.arrives(json.dumps(
            event, ensure_ascii=False, separators=(",", ":")).encode(), 20)
        self.world.send(b'{"cmd":"status"}')
        text = ""
        for _ in range(100):
            time.sleep(0.2)
            text += self.uart.window(0).decode(errors="ignore")
            self.uart.got = b""
            if "status" in text:
                return
        raise AssertionError(f"no command in {text!r}")

    def recover(self):
        self.keep_publishing(lambda payload: self.publish(payload.decode()),
                             word=lambda payload: b'"%s"' % payload)


DRIVER = RdkPython
