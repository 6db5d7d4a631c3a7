# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Runs in the guest: servers whose every byte a test on the host decides.

Commands come as lines of JSON on standard input, what happens goes out as
such lines.  Bytes are in hexadecimal.

    {"listen": port, "kind": "http"|"mqtt", "tls": PATH|null}
                                    PATH.pem and PATH.key are the server's
    {"send": connection, "data": bytes}     {"close": connection}

    {"event": "listening", "port": port}
    {"event": "open"|"close", "port": port, "connection": number}
    {"event": "data", "port": port, "connection": number, "data": bytes}
                                    one HTTP request or MQTT packet
"""
import itertools
import json
import re
import socket
import ssl
import sys
import threading

connections = {}
numbers = itertools.count(1)
lock = threading.Lock()


def tell(event, **more):
    with lock:
        print(json.dumps({"event": event, **more}), flush=True)


def http_length(data):
    """Of the request that the data begin with; None: not all of it yet."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    found = re.search(rb"\r\ncontent-length: *(\d+)\r\n", data[:end + 2],
                      re.IGNORECASE)
    return end + 4 + (int(found[1]) if found else 0)


def mqtt_length(data):
    """MQTT 3.1.1, 2.2.3"""
    length = 0
    for i, byte in enumerate(data[1:5]):
        length |= (byte & 127) << 7 * i
        if byte < 128:
            return 2 + i + length
    return None


LENGTHS = {"http": http_length, "mqtt": mqtt_length}


def take(sock, length_of, more):
    data = b""
    while chunk := sock.recv(65536):
        data += chunk
        while (n := length_of(data)) is not None and len(data) >= n:
            tell("data", data=data[:n].hex(), **more)
            data = data[n:]


def serve(sock, context, kind, port):
    number = next(numbers)
    more = {"port": port, "connection": number}
    try:
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        connections[number] = sock
        tell("open", **more)
        take(sock, LENGTHS[kind], more)
    except OSError:
        pass                # a handshake that failed, a reset
    if connections.pop(number, None):
        tell("close", **more)
    sock.close()


def accept(server, context, kind, port):
    while True:
        sock, _ = server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, context, kind, port),
                         daemon=True).start()


def listen(port, kind, tls):
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{tls}.pem", f"{tls}.key")
    server = socket.create_server(("127.0.0.1", port), backlog=64)
    threading.Thread(target=accept, args=(server, context, kind, port),
                     daemon=True).start()
    tell("listening", port=port)


def close(sock):
    """Wakes the thread that reads it, which closes it."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def main():
    for line in sys.stdin:
        command = json.loads(line)
        sock = connections.get(command.get("send") or command.get("close"))
        try:
            if "listen" in command:
                listen(command["listen"], command["kind"], command["tls"])
            elif sock and "send" in command:
                sock.sendall(bytes.fromhex(command["data"]))
            elif sock:
                close(sock)
        except OSError as error:
            print(f"{command}: {error}", file=sys.stderr)


main()
