# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The strictest host gives MQTTREAD 20 ms to begin its answer."""
import pytest

import bed
import idle

TRIES = 1000
OK = b"\r\n+MQTTREAD: 1,0,0,0\r\n\r\nOK\r\n"


@pytest.mark.skipif(bed.EMULATED, reason="an emulated processor is slower")
def test_mqttread_answers_within_20_ms(host):
    assert idle.late(host, b"AT+MQTTREAD=1\r", OK, TRIES) == 0
