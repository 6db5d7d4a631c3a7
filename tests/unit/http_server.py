# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The other side of test_http: HTTP servers on loopback, by path a good or a
bad one.  Makes its certificates in the directory that is its argument, and
prints the ports of: plain HTTP, TLS, TLS for another name, TLS expired, TLS
of an old version, nobody.  Ends with its standard input."""
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading

DIRECTORY = pathlib.Path(sys.argv[1])
SERVERS = {"good": "DNS:localhost,IP:127.0.0.1", "other": "DNS:other.example",
           "expired": "DNS:localhost,IP:127.0.0.1"}
CA_CONFIG = """
[ca]
default_ca = d
[d]
database = {d}/index
serial = {d}/serial
new_certs_dir = {d}
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
"""


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, cwd=DIRECTORY,
                   capture_output=True)


def make_certificates():
    (DIRECTORY / "ca.cnf").write_text(CA_CONFIG.format(d=DIRECTORY))
    (DIRECTORY / "index").write_text("")
    (DIRECTORY / "serial").write_text("1000\n")
    for name in "ca", "foreign", *SERVERS:
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                f"{name}.key")
    for name in "ca", "foreign":
        openssl("req", "-x509", "-new", "-key", f"{name}.key", "-days", 3650,
                "-subj", f"/CN={name}", "-out", f"{name}.pem")
    for name, names in SERVERS.items():
        (DIRECTORY / f"{name}.ext").write_text(f"subjectAltName={names}")
        openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}",
                "-out", f"{name}.csr")
        end = "20200201000000Z" if name == "expired" else "20991231235959Z"
        openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert",
                "ca.pem", "-keyfile", "ca.key", "-startdate",
                "20200101000000Z", "-enddate", end, "-extfile",
                f"{name}.ext", "-in", f"{name}.csr", "-out", f"{name}.pem")
    # what a system has as its store
    (DIRECTORY / "store").mkdir()
    shutil.copy(DIRECTORY / "ca.pem", DIRECTORY / "store")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self, body):
        """Request line, chosen headers, body."""
        names = "X-One", "Content-Type", "User-Agent", "Expect"
        heads = [f"{n}: {self.headers[n]}" for n in names if self.headers[n]]
        self.answer("\n".join([f"{self.command} {self.path}", *heads, ""])
                    .encode() + body)

    def chunked(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in b"first ", b"second ", b"third":
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def endless(self, _):
        """As long as somebody takes it."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"1000\r\n%s\r\n" % (b"x" * 0x1000))
        except OSError:
            self.close_connection = True

    def slow(self, _):
        """Answers nothing until the other side closes."""
        self.connection.recv(1)
        self.close_connection = True

    def delayed(self, _):
        threading.Event().wait(0.3)
        self.answer(b"late")

    def closed(self, _):
        self.close_connection = True

    def short(self, _):
        self.answer(b"only this", length=100)
        self.close_connection = True

    def elsewhere(self, _):
        self.send_response(302)
        self.send_header("Location", "/echo")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def junk(self, _):
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.close_connection = True

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name, _, argument = self.path.lstrip("/").partition("/")
        if name == "status":
            self.answer(b"said", int(argument))
        elif name == "bytes":
            self.answer(b"b" * int(argument))
        else:
            getattr(self, name)(body)

    do_POST = do_GET


def serve(certificate=None, version=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(DIRECTORY / f"{certificate}.pem",
                                DIRECTORY / f"{certificate}.key")
        context.maximum_version = version or context.maximum_version
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def unused():
    """A port that nobody listens at: bound, so nobody else gets it."""
    unused.socket = socket.socket()
    unused.socket.bind(("127.0.0.1", 0))
    return unused.socket.getsockname()[1]


make_certificates()
http.server.HTTPServer.handle_error = lambda *_: None   # TLS not taken
print(serve(), *(serve(name) for name in SERVERS),
      serve("good", ssl.TLSVersion.TLSv1_2), unused(), flush=True)
sys.stdin.read()
