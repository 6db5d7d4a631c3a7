# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""V.250 basics and the line rules L1 to L8 and L10 to L12, byte by byte."""
import pytest

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"


def dialogue(host, *turns):
    """Pairs of what is written and what comes back, nothing else."""
    for sent, want in turns:
        host.write(sent)
        host.expect(want)
    host.quiet(0.1)


@pytest.mark.parametrize("sent, want", [
    (b"AT\r", OK),
    (b"at\r", OK),
    (b"At\r", b""),                         # V.250: both cases alike
    (b"ATE0\r", OK),
    (b"ATE\r", OK),
    (b"ATV1\r", OK),
    (b"ATQ0\r", OK),
    (b"ATQ0V1E0\r", OK),
    (b"ATZ\rATE0\r", OK + b"ATE0\r" + OK),
    (b"AT&F\rATE0\r", OK + b"ATE0\r" + OK),
    (b"ATE2\r", ERROR),
    (b"ATV9\r", ERROR),
    (b"AT+NOSUCH\r", ERROR),
    (b"AT+NOSUCH=1,2\r", ERROR),
    (b"AT+NOSUCH?\r", ERROR),
    (b"AT+NOSUCH=?\r", ERROR),
    (b"ATX9Y\r", ERROR),
    (b"AT;\r", None),
    (b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK),
    (b"AT+CMEE=?\r", b"\r\n+CMEE: (0-2)\r\n" + OK),
])
def test_basics(host, sent, want):
    if want is None:
        host.write(sent)
        host.match(rb"\r\n(OK|ERROR)\r\n")
        host.quiet(0.1)
    else:
        dialogue(host, (sent, want))


def test_identification(host):
    host.write(b"ATI\r")
    host.match(rb"(\r\n[ -~]+\r\n)+\r\nOK\r\n")
    host.quiet(0.1)


def test_numeric_results(host):
    dialogue(host, (b"ATV0\r", b"0\r"), (b"AT\r", b"0\r"),
             (b"AT+NOSUCH\r", b"4\r"),
             (b"AT+MQTTCONF?\r", b"+MQTTCONF: 0\r\n0\r"),
             (b"ATV1\r", OK))


def test_quiet(host):
    dialogue(host, (b"ATQ1\r", b""), (b"AT\r", b""), (b"AT+NOSUCH\r", b""),
             (b"ATQ0\r", OK))


def test_cmee(host):
    dialogue(host, (b"AT+CMEE=1\r", OK),
             (b"AT+MQTTCONF=7\r", b"\r\n+CME ERROR: 50\r\n"),
             (b"AT+CMEE=2\r", OK),
             (b"AT+MQTTCONF=7\r", b"\r\n+CME ERROR: incorrect parameters\r\n"),
             (b"AT+CMEE=0\r", OK), (b"AT+MQTTCONF=7\r", ERROR))


def test_echo(host):
    dialogue(host, (b"ATE1\r", OK), (b"AT\r", b"AT\r" + OK),
             (b"at+mqttconf?\r",
              b"at+mqttconf?\r\r\n+MQTTCONF: 0\r\n" + OK),
             (b"ATE0\r", b"ATE0\r" + OK), (b"AT\r", OK))


def test_echo_without_cr(host2):
    dialogue(host2, (b"ATE1\r", OK), (b"AT\r", b"AT" + OK),
             (b"AT+MQTTCONF?\r", b"AT+MQTTCONF?\r\n+MQTTCONF: 0\r\n" + OK),
             (b"ATE0\r", b"ATE0" + OK))


def test_every_byte_is_echoed_at_once(host):
    host.command("ATE1")
    for byte in b"AT":
        dialogue(host, (bytes([byte]), bytes([byte])))
    dialogue(host, (b"\r", b"\r" + OK))


def test_l1_line_ends(host):
    dialogue(host, (b"AT\r\n", OK), (b"AT\r\nAT\r\n", OK + OK),
             (b"AT+MQTTUSER=1,\"a\nb\",\"p\"", b""), (b"\r", OK))


def test_l1_cr_within_a_quote(host):
    dialogue(host, (b'AT+MQTTUSER=1,"us\r', b"\r\n+CME ERROR: 50\r\n"),
             (b"AT\r", OK))


@pytest.mark.parametrize("sent, want", [
    (b"A\0T\r", OK),
    (b"AT\0\r", b"\r\nERROR\r\n"),
    (b"AT+MQTTUSER=1,\"a\0b\",\"p\"\r", b"\r\nERROR\r\n"),
    (b"\0\0AT\r", OK),
    (b"noise AT\r", OK),
    (b"+++AT\r", OK),
    (b"\xff\xfe\x80AT\r", OK),
    (b"AAAT\r", b""),
    (b"{\"temperature\":21}AT\r", OK),
    (b"{\"data\":5}\r", b""),
    (b"status\rbattery\r\"at\":1\r", b""),
    (b"hello\r", b""),
    (b"\r\n\r\n\r", b""),
    (b"A\r", b""),
    (b"T\r", b""),
])
def test_l2_noise(host, sent, want):
    dialogue(host, (sent, want), (b"AT\r", OK))


def test_l2_repeat(host):
    dialogue(host, (b"AT+MQTTCONF?\r", b"\r\n+MQTTCONF: 0\r\n" + OK),
             (b"A/", b"\r\n+MQTTCONF: 0\r\n" + OK),
             (b"A/", b"\r\n+MQTTCONF: 0\r\n" + OK),
             (b"AT\r", OK), (b"A/", OK))


@pytest.mark.parametrize("sent, want", [
    (b"ATX\b\r", OK),
    (b"ATX\x7f\r", OK),
    (b"ATXYZ\b\b\b\r", OK),
    (b"AX\bT\r", OK),
    (b"\b\b\bAT\r", OK),
    (b"AT\b\b\r", b""),
])
def test_l3_editing(host, sent, want):
    dialogue(host, (sent, want), (b"AT\r", OK))


@pytest.mark.parametrize("cmee, want", [
    (0, ERROR), (1, b"\r\n+CME ERROR: 24\r\n"),
    (2, b"\r\n+CME ERROR: text string too long\r\n")])
def test_l3_overlong(host, cmee, want):
    host.command(f"AT+CMEE={cmee}")
    dialogue(host, (b"AT" + b"x" * 4095 + b"\r", want), (b"AT\r", OK),
             (b"AT" + b"x" * 20000 + b"\r", want), (b"AT\r", OK))


def test_l3_the_longest_line(host):
    """4096 bytes are taken: a list of commands that are all executed."""
    line = b"AT+MQTTCONF=0" + b";+MQTTCONF=0" * 400
    line = line[:4096].rpartition(b";")[0]
    line += b" " * (4096 - len(line))
    dialogue(host, (line + b"\r", OK))


@pytest.mark.parametrize("sent, want", [
    (b"AT+MQTTCONF=1;+MQTTCONF?\r", b"\r\n+MQTTCONF: 1\r\n" + OK),
    (b"ATE0V1+CMEE=1;+MQTTCONF?\r", b"\r\n+MQTTCONF: 0\r\n" + OK),
    (b"AT+MQTTCONF?;+MQTTCONF=1;+MQTTCONF?\r",
     b"\r\n+MQTTCONF: 0\r\n\r\n+MQTTCONF: 1\r\n" + OK),
    (b"AT+NOSUCH;+MQTTCONF?\r", ERROR),
    (b"AT+MQTTCONF?;+NOSUCH;+MQTTCONF?\r", b"\r\n+MQTTCONF: 0\r\n" + ERROR),
    (b'AT+MQTTUSER=1,"a;b","c;d";+MQTTUSER?\r',
     b'\r\n+MQTTUSER: 1,"a;b","c;d"\r\n' + OK),
])
def test_l6_several_commands(daemon, host, sent, want):
    dialogue(host, (sent, want))


@pytest.mark.parametrize("sent, want", [
    (b"AT+MQTTCONF=01;+MQTTCONF?\r", b"\r\n+MQTTCONF: 1\r\n" + OK),
    (b"AT+MQTTCONF= 1 ;+MQTTCONF?\r", b"\r\n+MQTTCONF: 1\r\n" + OK),
    (b'AT+MQTTUSER=1, "u" , "p" ;+MQTTUSER?\r',
     b'\r\n+MQTTUSER: 1,"u","p"\r\n' + OK),
    (b"AT+MQTTUSER=1,u,p;+MQTTUSER?\r",
     b'\r\n+MQTTUSER: 1,"u","p"\r\n' + OK),
    (b'AT+MQTTUSER=1,"u","p",;+MQTTUSER?\r',
     b'\r\n+MQTTUSER: 1,"u","p"\r\n' + OK),
    (b'AT+MQTTREAD=1"\r', b"\r\n+MQTTREAD: 1,0,0,0\r\n" + OK),
])
def test_l7_parameters(daemon, host, sent, want):
    dialogue(host, (sent, want))


@pytest.mark.parametrize("sent, user", [
    (rb"a\"b", rb'a"b'), (rb"a\\b", rb"a\b"), (rb"a\41b", rb"aAb"),
    (rb"\7e\7E\C3\A4", b"~~\xc3\xa4"), (rb"\b\f\u4e2d\/\t",) * 2,
    (rb"C:\data \fa", rb"C:\data \fa"),
])
def test_l8_escapes(daemon, host, sent, user):
    dialogue(host, (b'AT+MQTTUSER=1,"%s","p"\r' % sent, OK))
    host.write(b"AT+MQTTUSER?\r")
    host.expect(b'\r\n+MQTTUSER: 1,"%s","p"\r\n' % user + OK)


@pytest.mark.parametrize("line", [b"AT+GMI", b"AT+CGMM", b"AT+CGMR",
                                  b"AT+CGSN", b"AT+CSQ"])
def test_l10_read_form_of_an_execute_command(host, line):
    """Wherever the execute form is known, the read form says the same."""
    host.write(line + b"\r")
    answer = host.match(rb"(\r\n[^\r]+\r\n)?\r\n(OK|ERROR)\r\n")[0]
    dialogue(host, (line + b"?\r", answer))


def test_l12_pipelined_lines(host):
    lines, answers = b"", b""
    for number in range(200):
        mode = number % 2
        lines += b"AT+MQTTCONF=%d;+MQTTCONF?\r" % mode
        answers += b"\r\n+MQTTCONF: %d\r\n" % mode + OK
    host.write(lines)
    host.expect(answers, timeout=20)
    host.quiet(0.1)


def test_l12_pipelined_with_crlf(host):
    host.write(b"AT\r\n" * 100)
    host.expect(OK * 100, timeout=20)
    host.quiet(0.1)
