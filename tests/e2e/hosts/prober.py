# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Finds out at start-up which module it has: commands of other vendors.

Each must be refused at once; it allows 150 ms and then thinks that the module
hangs.
"""
ERROR = b"\r\nERROR\r\n"
FOREIGN = [b"AT+QGMR", b"AT+QMTCFG=?", b"AT+QMTOPEN=?", b"AT#SIMDET?",
           b"AT+CMQTTSTART", b"AT^SYSINFO", b"AT+UMQTT?", b"AT*CNTI",
           b"AT+SMCONN", b"AT$GPSP?", b'AT+QICSGP=1,1,"cmnet","","",1',
           b"AT%XSYSTEMMODE?", b"AT+MQTT", b"AT+MQTTOPENX=1"]


def replay(uart, world):
    uart.ask(b"ATE0\r\n")
    for line in FOREIGN:
        uart.clear()
        answer = uart.block(line + b"\r\n", len(ERROR), 150)
        assert answer == ERROR, f"{line!r}: {answer!r}"
    for line in b"ATI\r\n", b"AT+CGMM\r\n", b"AT+CGMR\r\n", b"AT+CGSN\r\n":
        uart.ask(line)
    uart.ask(b"AT+MQTTOPEN=?\r\n",
             b'+MQTTOPEN: (1,2', 5)
    uart.wait(b"\r\nOK\r\n")
    uart.ask(b'AT+MQTTOPEN=1,"127.0.0.1",1883,1,60\r\n', b"+MQTTOPEN: 1,1\r\n")
    uart.ask(b'AT+MQTTPUB=1,"%s",1,0,"found"\r\n' % world.topic,
             b"+MQTTPUB: 1,1\r\n")
    world.arrived(b"found", 1)
    uart.ask(b"AT+MQTTCLOSE=1\r\n", b"+MQTTCLOSE: 1,1\r\n")
