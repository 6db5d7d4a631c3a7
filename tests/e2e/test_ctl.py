# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""atmqttctl against the living daemon and kernel.

    atmqttctl ── netlink ── n_at
        └─ control socket ── atmqttd ── mosquitto
"""
import json
import pathlib
import re
import subprocess
import time

import jsonschema
import pytest

import bed
import stack
from broker import publish
from conftest import connect, subscribe
from monitor import Monitor

FAILED, USAGE, NO_MODULE, NO_DAEMON, NO_PORT, HUNG_UP = range(1, 7)
HERE = pathlib.Path(__file__).parent
CONTROL = "/run/atmqttd/control"
OK = b"\r\nOK\r\n"

COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}


def record(**properties):
    """A JSON object with exactly these members."""
    return {"type": "object", "properties": properties,
            "required": list(properties), "additionalProperties": False}


def choice(*values):
    return {"enum": list(values)}


CLIENT = record(
    id=COUNT, protocol=choice("mqtt", "mqtt-sn"),
    state=choice("closed", "opening", "open", "closing", "waiting",
                 "retrying"),
    host=TEXT, port=COUNT, tls={"type": "boolean"}, clean={"type": "boolean"},
    keepalive=COUNT, subscriptions=COUNT, queued=COUNT, requests=COUNT,
    dropped=COUNT, oversize=COUNT, reason=TEXT,
    failed_at=TEXT)
COUNTERS = record(**dict.fromkeys(
    "rx_bytes tx_bytes lines data_bytes noise_bytes overlong damaged frame "
    "parity overrun break throttled orphaned replies urcs refused stale "
    "data_timeouts lost exec_timeouts".split(), COUNT))
ID = {"type": ["integer", "null"], "minimum": 0}    # null: not for the asker
STATUS = record(
    ports={"type": ["array", "null"], "items": record(
        tty=TEXT, device={"pattern": r"^\d+:\d+$"}, id=COUNT,
        mode=choice("command", "executing", "data", "orphan"),
        owner={"oneOf": [{"type": "null"}, record(portid=COUNT),
                         record(portid=COUNT, pid=COUNT, process=TEXT)]},
        owner_uid=ID, owner_gid=ID,
        line={"oneOf": [{"type": "null"}, record(
            speed=COUNT, framing={"pattern": "^[5-8][NOEMS][12]$"},
            flow=choice("none", "rtscts", "xonxoff", "mixed"))]},
        modem={"oneOf": [{"type": "null"}, {
            "type": "array", "items": choice("dcd", "dsr")}]},
        counters=COUNTERS, version=TEXT)},
    daemon={"oneOf": [{"type": "null"}, record(
        version=TEXT, pid=COUNT, uplink=record(
            state=choice("up", "no route", "no address", "no carrier"),
            address=TEXT),
        ports={"type": "array", "items": record(
            tty=TEXT, model=TEXT, state=choice(
                "absent", "binding", "busy", "refused", "bound"),
            clients={"type": "array", "items": CLIENT})})]})


@pytest.fixture
def device(host):
    """The first port, which forgets afterwards whose credentials it had."""
    yield host
    host.write(b"\rAT+RESET\r")
    host.match(rb".*\r\n\+SIM READY\r\n")


def status_of(ctl, *arguments, **kwargs):
    status = json.loads(ctl("status", "--json", *arguments, **kwargs)[0])
    jsonschema.validate(status, STATUS)
    return status


def client_of(ctl, tty, number=1):
    port, = (p for p in status_of(ctl)["daemon"]["ports"] if p["tty"] == tty)
    client, = (c for c in port["clients"] if c["id"] == number)
    return client


def until(condition, seconds=10):
    end = time.monotonic() + seconds * bed.SLOW
    while not condition():
        assert time.monotonic() < end, "it did not come so far"
        time.sleep(0.05)


# ---- status ----

def test_status_knows_the_ports(ctl, guest, host):
    status = status_of(ctl)
    assert [p["tty"] for p in status["ports"]] == guest.daemon.ttys
    for port in status["ports"]:
        assert port["mode"] == "command"
        assert (port["owner_uid"], port["owner_gid"]) == (stack.USER, None)
        device = bed.run("stat", "-c", "%Hr:%Lr", f"/dev/{port['tty']}")
        assert port["device"] == device.stdout.decode().strip()
        assert port["owner"]["process"] == "atmqttd"
        assert [port["owner"]["pid"]] == guest.daemon.pids()
    assert [status["daemon"]["pid"]] == guest.daemon.pids()
    assert [(p["tty"], p["state"]) for p in status["daemon"]["ports"]] == [
        (tty, "bound") for tty in guest.daemon.ttys]


def test_status_counts(ctl, guest, host):
    tty = guest.daemon.ttys[0]
    before = status_of(ctl, tty)["ports"][0]["counters"]
    host.command("AT", "OK")
    after = status_of(ctl, f"/dev/{tty}")["ports"][0]["counters"]
    grown = {name: after[name] - before[name] for name in after
             if after[name] != before[name]}
    assert grown == {"rx_bytes": 3, "tx_bytes": 6, "lines": 1, "replies": 1}


def test_status_of_one_port(ctl, guest, host):
    status = status_of(ctl, guest.daemon.ttys[1])
    assert [p["tty"] for p in status["ports"]] == guest.daemon.ttys[1:]
    assert [p["tty"] for p in status["daemon"]["ports"]
            ] == guest.daemon.ttys[1:]


def test_status_knows_the_clients(ctl, guest, device, topic):
    tty = guest.daemon.ttys[0]
    device.command('AT+MQTTUSER=1,"device","geheim","me"', "OK")
    connect(device, keepalive=77, clean=1)
    subscribe(device, topic + "/a")
    subscribe(device, topic + "/b")
    subscribe(device, topic + "/b", qos=0)
    client = client_of(ctl, tty)
    assert client == {
        "id": 1, "protocol": "mqtt", "state": "open", "host": "127.0.0.1",
        "port": 1883, "tls": False, "clean": True, "keepalive": 77,
        "subscriptions": 2, "queued": 0, "requests": 0,
        "dropped": client["dropped"], "oversize": client["oversize"],
        "reason": client["reason"], "failed_at": client["failed_at"]}
    assert client_of(ctl, tty, 2)["state"] == "closed"
    device.command(f'AT+MQTTUNSUB=1,"{topic}/a"', "OK", "+MQTTUNSUB: 1,1")
    assert client_of(ctl, tty)["subscriptions"] == 1
    device.command("AT+MQTTCONF=1", "OK")
    publish(topic + "/b", b"secret payload")
    device.match(rb"\r\n\+MQTTMSGI: 1,.*\r\n")
    assert client_of(ctl, tty)["queued"] == 1
    said = json.dumps(status_of(ctl))
    assert "geheim" not in said and "secret payload" not in said
    assert topic not in said
    device.command("AT+MQTTCLOSE=1", "OK", "+MQTTCLOSE: 1,1")
    client = client_of(ctl, tty)
    assert (client["state"], client["subscriptions"], client["queued"]
            ) == ("closed", 0, 0)


def test_status_tells_why_a_client_failed(ctl, guest, host):
    connect(host, client=2, port=1999, status=0)
    client = client_of(ctl, guest.daemon.ttys[0], 2)
    assert client["state"] == "closed"
    assert client["port"] == 1999
    assert "refused" in client["reason"].lower()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                        client["failed_at"])


def test_status_is_a_table_for_people(ctl, guest, host, topic):
    tty = guest.daemon.ttys[0]
    connect(host)
    subscribe(host, topic)
    output, _ = ctl("status", tty)
    pid, = guest.daemon.pids()
    ports, daemon, clients = output.split("\n\n")
    header, row = ports.splitlines()
    assert header.split() == ["PORT", "MODE", "OWNER", "USER", "LINE", "FLOW",
                              "ID"]
    assert re.fullmatch(rf"{tty} +command +atmqttd \({pid}\) +{stack.USER} +"
                        r"\d+ 8N1 +none +\d+", row)
    for title in "MODE", "OWNER", "USER", "LINE", "FLOW", "ID":     # aligned
        assert row[header.index(title) - 1] == " " != row[header.index(title)]
    module, daemon = daemon.splitlines()
    assert re.fullmatch(r"n_at \d+\.\d+\.\d+", module)
    assert daemon.startswith("atmqttd ") and f"process {pid}," in daemon
    found = re.search(rf"^{tty} +1 +mqtt +open +127\.0\.0\.1:1883 +no +60 +"
                      r"1 +0 +\S", clients, re.MULTILINE)
    assert found, clients


def test_status_has_a_row_of_counters_a_port(ctl, guest, host):
    host.command("AT", "OK")
    output, _ = ctl("status", "--counters")
    header, *rows = (line.split() for line in output.splitlines())
    assert header[:2] == ["PORT", "rx_bytes"]
    assert [row[0] for row in rows] == guest.daemon.ttys
    assert {len(row) for row in rows} == {len(header)}
    assert int(rows[0][header.index("lines")]) > 0


def test_status_without_a_daemon(ctl, guest, daemon):
    daemon.end()
    output, said = ctl("status", status=NO_DAEMON)
    assert re.search(rf"^{guest.daemon.ttys[0]} +orphan +- ", output,
                     re.MULTILINE)
    assert f"atmqttd does not listen at {CONTROL}: is it running?" in said
    assert status_of(ctl, status=NO_DAEMON)["daemon"] is None


def status_as(ctl, uid, *arguments):
    return bed.run("setpriv", f"--reuid={uid}", f"--regid={uid}",
                   "--clear-groups", ctl.binary, "status", *arguments,
                   check=False, stderr=subprocess.PIPE)


def test_status_for_a_stranger(ctl, guest, host):
    """Who may not even connect to the control socket: names, modes, counters."""
    run = status_as(ctl, 65534, "--json")
    assert (run.returncode, run.stderr.decode()) == (
        FAILED, f"atmqttctl: {CONTROL}: only root and group atmqtt may ask\n")
    status = json.loads(run.stdout)
    jsonschema.validate(status, STATUS)
    assert status["daemon"] is None
    assert [p["tty"] for p in status["ports"]] == guest.daemon.ttys
    for port in status["ports"]:
        assert port["mode"] == "command"
        for name in "owner", "owner_uid", "owner_gid", "line":
            assert port[name] is None
    assert status["ports"][0]["counters"]["lines"]
    row = status_as(ctl, 65534).stdout.decode().splitlines()[1]
    assert re.fullmatch(rf"{guest.daemon.ttys[0]} +command +- +- +- +- +\d+",
                        row)


def test_status_for_who_may_own_the_ports(ctl, guest, host):
    run = status_as(ctl, stack.USER, "--json")
    assert run.returncode == 0
    status = json.loads(run.stdout)
    jsonschema.validate(status, STATUS)
    for port in status["ports"]:
        assert port["line"] and port["owner_uid"] == stack.USER
        assert list(port["owner"]) == ["portid"]    # its process is hidden
    assert len(status["daemon"]["ports"]) == 2


def test_status_of_a_port_that_is_not(ctl):
    output, said = ctl("status", "ttyNOPE", status=NO_PORT)
    assert (output, said) == ("", "atmqttctl: ttyNOPE: no such port\n")


@pytest.mark.skipif(pathlib.Path("/sys/module/n_at").exists(),
                    reason="this machine has the module")
@pytest.mark.parametrize("command", ["status", "monitor"])
def test_without_the_module(command):
    """On the machine that runs the tests."""
    run = subprocess.run([bed.ROOT / "build" / "atmqttctl", command],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         timeout=60, check=False)
    assert run.returncode == NO_MODULE
    assert b"No tty has" not in run.stdout
    assert b"module n_at is not loaded: try 'modprobe n_at'" in run.stderr


def test_status_waits_for_no_daemon_that_is_stopped(ctl, daemon):
    daemon.signal("STOP")
    _, said = ctl("status", status=NO_DAEMON)
    assert "atmqttd does not answer" in said
    daemon.signal("CONT")


@pytest.mark.parametrize("arguments, complaint", [
    ([], "Try 'atmqttctl --help'."),
    (["dance"], "no such command: dance"),
    (["status", "--colour"], "Try 'atmqttctl --help'."),
    (["status", "a", "b"], "Try 'atmqttctl --help'."),
    (["monitor", "a", "b"], "Try 'atmqttctl --help'."),
    (["attach"], "attach: which tty?"),
    (["detach", "a", "b"], "detach: one tty, please"),
    (["attach", "--speed=9601", "ttyS0"], "speed: '9601' is none"),
    (["attach", "--framing=9N1", "ttyS0"], "framing: '9N1' is none"),
    (["attach", "--flow=", "ttyS0"], "flow: '' is not none, rtscts or xonxoff"),
    (["attach", "--owner=:", "ttyS0"], "owner: there is no group ''"),
    (["owner", "ttyS0"], "Try 'atmqttctl --help'."),
])
def test_wrong_usage(ctl, arguments, complaint):
    output, said = ctl(*arguments, status=USAGE)
    assert output == "" and complaint in said


# ---- monitor ----

def transcript(tty, text):
    """Lines "KIND TEXT", as the monitor writes them."""
    arrows = {"line": ">", "data": ">", "mode": "-", "reply": "<", "urc": "<"}
    for line in text.strip().splitlines():
        kind, _, rest = line.strip().partition(" ")
        yield f"{tty} {arrows[kind]} {kind:5} {rest}"


def test_monitor_prints_a_session(monitor, guest, host, topic):
    tty = guest.daemon.ttys[0]
    watch = monitor()
    connect(host)
    subscribe(host, topic)
    host.write(b'AT+MQTTPUB=1,"%s",0,0,5\r' % topic.encode())
    host.expect(b"\r\n>\r\n")
    host.write(b"\0\r\n\xff\\")
    host.expect(b"\r\nOK\r\n\r\n+MQTTPUB: 1,1\r\n")
    host.match(rb"\r\n\+MQTTMSG: .*\xff\\\"\r\n")
    host.command("AT+NOPE", "ERROR")
    watch.expect(*transcript(tty, rf"""
        line AT+MQTTOPEN=1,"127.0.0.1",1883,1,60
        mode executing
        reply \r\nOK\r\n
        mode command
        urc \r\n+MQTTOPEN: 1,1\r\n
        line AT+MQTTSUB=1,"{topic}",2
        mode executing
        reply \r\nOK\r\n
        mode command
        urc \r\n+MQTTSUB: 1,1\r\n
        line AT+MQTTPUB=1,"{topic}",0,0,5
        mode executing
        reply \r\n>\r\n
        mode data, 5 bytes
        data 5 bytes: \x00\r\n\xff\\
        mode executing
        reply \r\nOK\r\n
        mode command
        urc \r\n+MQTTPUB: 1,1\r\n
        urc \r\n+MQTTMSG: 1,0,"{topic}","\x00\r\n\xff\\"\r\n
        line AT+NOPE
        mode executing
        reply \r\nERROR\r\n
        mode command
        """))
    assert watch.end() == 0


SECRETS = [
    'AT+MQTTUSER=1,"device","geheim","me"',
    "AT+MQTTUSER?",
    'AT+MQTTUSRE=1,"device","geheim"',
    'AT+CSQ;+MQTTUSER=2,"device","ge\\22heim"',
]


def say_secrets(host):
    for line in SECRETS:
        host.write(line.encode() + b"\r")
        host.match(rb".*\r\n(OK|ERROR)\r\n")
    host.write(b'AT+GTSSLFILE="KEYFILE",6\r')
    host.expect(b"\r\n>\r\n")
    host.write(b"geheim")
    host.expect(b"\r\nERROR\r\n")


def test_monitor_hides_secrets(monitor, guest, device):
    tty = guest.daemon.ttys[0]
    watch = monitor()
    say_secrets(device)
    device.command("AT", "OK")
    seen = []
    while seen[-1:] != [f"{tty} > line  AT"]:
        seen.append(watch.event())
    assert "heim" not in "\n".join(seen)
    for want in ('line  AT+MQTTUSER=1,"device",***,"me"',
                 "line  AT+MQTTUSRE=***",
                 'line  AT+GTSSLFILE="KEYFILE",6',
                 "data  6 bytes: ***"):
        assert f"{tty} > {want}" in seen
    assert (rf'{tty} < reply \r\n+MQTTUSER: 1,"device",***\r\n\r\nOK\r\n'
            in seen)


def test_monitor_shows_secrets_when_asked(monitor, guest, device):
    tty = guest.daemon.ttys[0]
    watch = monitor("--secrets")
    say_secrets(device)
    for line in SECRETS:
        watch.until(f"{tty} > line  " + line.replace("\\", "\\\\"))
    watch.until(f"{tty} > data  6 bytes: geheim")


def test_monitor_hides_data_whose_command_it_did_not_see(monitor, guest, host):
    tty = guest.daemon.ttys[0]
    connect(host)
    host.write(b'AT+MQTTPUB=1,"t",0,0,6\r')
    host.expect(b"\r\n>\r\n")
    watch = monitor(mode="data")
    host.write(b"geheim")
    watch.expect(f"{tty} > data  6 bytes: ***")


def test_monitor_in_json(monitor, guest, device):
    tty = guest.daemon.ttys[0]
    watch = monitor("--json", mode='"mode":"command"')
    device.command('AT+MQTTUSER=1,"u","geheim"', "OK")
    events = [json.loads(watch.line()) for _ in range(4)]
    for event in events:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z",
                            event.pop("time"))
    assert events == [
        {"port": tty, "kind": "line", "direction": "in", "length": 26,
         "data": 'AT+MQTTUSER=1,"u",***', "masked": True, "flags": []},
        {"port": tty, "kind": "mode", "direction": None, "mode": "executing"},
        {"port": tty, "kind": "reply", "direction": "out", "length": 6,
         "data": r"\r\nOK\r\n", "masked": False, "flags": []},
        {"port": tty, "kind": "mode", "direction": None, "mode": "command"}]


def test_monitor_says_that_it_lost_some(monitor, guest, host):
    tty = guest.daemon.ttys[0]
    watch = monitor()
    bed.signal("STOP", *watch.pids())
    for _ in range(180):    # each line is some 3 KiB in the 8 MiB socket
        host.write(b"AT\r" * 30)
        assert host.collect(30 * len(OK), timeout=30) == OK * 30
    bed.signal("CONT", *watch.pids())
    watch.until("- - lost  more passed than could be shown")
    host.command("ATE0", "OK")
    watch.until(f"{tty} > line  ATE0")


def rmmod():
    return bed.run("rmmod", "n_at", check=False).returncode == 0


def test_monitor_ends_with_the_module(ctl, guest, host, host2):
    """And the daemon takes the ports when the module is there again."""
    watch = Monitor(ctl.binary, stderr=subprocess.PIPE)
    ports = {watch.event() for _ in guest.daemon.ttys}
    assert ports == {f"{tty} - mode  command" for tty in guest.daemon.ttys}
    try:
        for tty in guest.daemon.ttys:
            ctl("detach", tty)
        until(rmmod)
        _, said = watch.process.communicate(timeout=30 * bed.SLOW)
    finally:
        bed.run("insmod", guest.module, check=False)
        for tty in guest.daemon.ttys:
            bed.run(ctl.binary, "attach", bed.OWNER, tty)
    assert watch.process.returncode == NO_MODULE
    assert b"module n_at is not loaded" in said
    for port in host, host2:
        port.drain(0.2)
        port.reset()
        port.command("AT", "OK")


def test_monitor_without_the_right(ctl, guest):
    run = bed.run("setpriv", "--bounding-set", "-net_admin", ctl.binary,
                  "monitor", check=False, stderr=subprocess.PIPE)
    assert (run.returncode, run.stdout, run.stderr) == (
        FAILED, b"", b"atmqttctl: monitor: this needs CAP_NET_ADMIN\n")


def test_monitor_beside_too_many(ctl, monitor):
    others = [monitor() for _ in range(8)]
    output, said = ctl("monitor", status=FAILED)
    assert (output, said) == ("", "atmqttctl: monitor: too many do already\n")
    assert others[0].end() == 0


def test_monitor_of_a_port_that_is_not(ctl):
    output, said = ctl("monitor", "ttyNOPE", status=NO_PORT)
    assert (output, said) == ("", "atmqttctl: ttyNOPE: no such port\n")


# ---- attach and detach ----

@pytest.mark.parametrize("case, status", [
    ("hang-up", HUNG_UP), ("detach", 0), ("other", 0), ("TERM", 0)])
def test_attach_on_a_pty(ctl, case, status):
    run = bed.run("timeout", "60", "python3", "-S", HERE / "on_pty.py",
                  ctl.binary, case)
    assert int(run.stdout) == status


def test_attach_on_a_uart(ctl, guest, host2):
    """The daemon finds the port again; whoever held the tty before learns."""
    tty = guest.daemon.ttys[1]
    _, said = ctl("attach", tty, status=FAILED)
    assert said == f"atmqttctl: /dev/{tty}: n_at is attached already\n"
    before = status_of(ctl, tty)["ports"][0]
    watch = Monitor(ctl.binary, tty)
    watch.expect(f"{tty} - mode  command")

    ctl("detach", tty)
    watch.expect(f"{tty} - detached")
    output, _ = ctl("status", tty)
    assert re.search(rf"^{tty} +detached +- ", output, re.MULTILINE)
    _, said = ctl("detach", tty, status=NO_PORT)
    assert said == f"atmqttctl: /dev/{tty}: n_at is not attached\n"

    holder = bed.popen(ctl.binary, "attach", "--foreground", "--speed=57600",
                       bed.OWNER, f"/dev/{tty}", stderr=subprocess.DEVNULL)
    guest.daemon.wait_owned()
    host2.drain(0.2)
    host2.reset()
    host2.command("AT", "OK")
    after, = status_of(ctl, tty)["ports"]
    assert after["id"] > before["id"]
    if bed.REAL_UART:
        assert after["line"]["speed"] == 57600
    watch.expect(f"{tty} - attached")
    assert watch.end() == 0

    bed.signal("TERM", *bed.pids(ctl.binary, "attach", "--foreground"))
    assert holder.wait(30 * bed.SLOW) == 0
    until(lambda: not status_of(ctl, tty)["ports"])
    ctl("attach", bed.OWNER, tty)   # to the background, for the tests to come
    guest.daemon.wait_owned()
    host2.reset()


def test_attach_needs_a_tty(ctl):
    _, said = ctl("attach", "/dev/null", status=FAILED)
    assert said == "atmqttctl: /dev/null: not a tty\n"
    _, said = ctl("attach", "nope", status=FAILED)
    assert said == "atmqttctl: /dev/nope: No such file or directory\n"


def test_attach_needs_the_capability(ctl):
    script = "import os, pty, sys; m, s = pty.openpty(); " \
        "os.set_inheritable(m, True); " \
        "os.execvp('setpriv', ['setpriv', '--bounding-set', '-net_admin', " \
        "sys.argv[1], 'attach', '--foreground', os.ttyname(s)])"
    run = bed.run("python3", "-S", "-c", script, ctl.binary, check=False,
                  stderr=subprocess.PIPE)
    assert run.returncode == FAILED
    assert b"attaching needs CAP_NET_ADMIN" in run.stderr


# ---- help, manual, completion ----

def words_of_help():
    text = subprocess.run([bed.ROOT / "build" / "atmqttctl", "--help"],
                          check=True, text=True, stdout=subprocess.PIPE,
                          timeout=60).stdout
    return set(re.findall(r"(?<!\w)--[a-z]+|^  [a-z]+", text, re.MULTILINE))


def test_manual_and_completion_know_what_help_does():
    words = {word.strip() for word in words_of_help()}
    assert {"status", "monitor", "attach", "detach", "--flow"} <= words
    manual = (bed.ROOT / "doc" / "atmqttctl.1").read_text().replace("\\-", "-")
    completion = (bed.ROOT / "ctl" / "atmqttctl.bash").read_text()
    for word in words:
        assert word in manual
        assert word in completion


@pytest.mark.parametrize("line, choice", [
    ("atmqttctl mo", "monitor"),
    ("atmqttctl attach --fl", "--flow="),
    ("atmqttctl attach --flow = x", "xonxoff"),
    ("atmqttctl attach --flow =", "none rtscts xonxoff"),
    ("atmqttctl status --j", "--json"),
    ("atmqttctl status --cou", "--counters"),
    ("atmqttctl monitor --s", "--secrets"),
    ("atmqttctl detach ttyQ", "ttyQ1"),
    ("atmqttctl owner ttyQ", "ttyQ1"),
    ("atmqttctl attach --owner = roo", "root"),
])
def test_completion(line, choice):
    """Two ports, by an atmqttctl that is a function."""
    script = f"""
        . {bed.ROOT}/ctl/atmqttctl.bash
        atmqttctl() {{ echo '      "tty": "ttyQ1",'; }}
        COMP_WORDS=({line})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _atmqttctl
        echo "${{COMPREPLY[*]}}" """
    run = subprocess.run(["bash", "-c", script], check=True, text=True,
                         stdout=subprocess.PIPE, timeout=60)
    assert run.stdout.split() == choice.split()
