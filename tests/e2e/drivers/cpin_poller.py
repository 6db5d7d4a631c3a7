# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A gateway, C on STM32F4: asks CPIN? until the module is there, and listens.

A host that was reset alone gets no boot line, so that it asks every 3 s, a
tenth of that here.  "+SIM READY" while it runs is a module that was reset: it
tears everything down and starts again.
"""
import time

from bed import SLOW

from drivers.driver import Driver, GaveUp


class CpinPoller(Driver):

    def start(self):
        for _ in range(30):
            self.uart.clear()
            self.uart.send(b"AT+CPIN?\r\n")
            if self.line_with(b"+CPIN: READY", 0.3 * SLOW):
                break
            time.sleep(0.3)
        else:
            raise GaveUp("no module")
        self.uart.ask(b"ATE0\r\n")
        self.uart.send(b"AT+MQTTCLOSE=1\r\n")
        self.uart.scan(rb"\r\n(ERROR|\+MQTTCLOSE: 1,1)\r\n")
        self.uart.ask(b'AT+MQTTUSER=1,"user","pass","poller-1"\r\n')
        self.uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n',
                      b"+MQTTOPEN: 1,1\r\n")
        self.uart.ask(b'AT+MQTTSUB=1,"%s",1\r\n' % self.world.inbox,
                      b"+MQTTSUB: 1,1\r\n")

    def work(self):
        payload = self.payload()
        self.uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"%s"\r\n'
                      % (self.world.topic, payload), b"+MQTTPUB: 1,1\r\n")
        self.world.arrived(payload, 1)
        self.world.send(payload, 1)
        self.uart.wait(b'+MQTTMSG: 1,1,"%s","%s"\r\n'
                       % (self.world.inbox, payload))

    def recover(self):
        if not self.line_with(b"+SIM READY", 10 * SLOW):
            raise GaveUp("it was not told")
        self.start()


DRIVER = CpinPoller
