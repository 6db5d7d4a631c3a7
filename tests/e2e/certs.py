# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""The certificates of the TLS tests: two authorities, good and bad servers."""
import subprocess

CONFIG = """
[ca]
default_ca = here
[here]
dir = .
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = atmqtt test authority
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[good]
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[other]
subjectAltName = DNS:other.example
"""

# server: authority, names, first and last day
SERVERS = {
    "good": ("ca", "good", "20200101000000Z", "20991231235959Z"),
    "stranger": ("ca2", "good", "20200101000000Z", "20991231235959Z"),
    "other": ("ca", "other", "20200101000000Z", "20991231235959Z"),
    "expired": ("ca", "good", "20200101000000Z", "20200201000000Z"),
}


def make(directory):
    """Makes all of them in a directory, unless they are there."""
    if (directory / "done").exists():
        return

    def openssl(*argv):
        subprocess.run(["openssl", *argv], cwd=directory, check=True,
                       capture_output=True)

    directory.mkdir(parents=True, exist_ok=True)
    (directory / "openssl.cnf").write_text(CONFIG)
    (directory / "index.txt").write_text("")
    (directory / "serial").write_text("1000\n")
    for ca in "ca", "ca2":
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                "3650", "-config", "openssl.cnf", "-extensions", "authority",
                "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    for name, (ca, names, first, last) in SERVERS.items():
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-config",
                "openssl.cnf", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")
        openssl("ca", "-batch", "-notext", "-config", "openssl.cnf",
                "-extensions", names, "-cert", f"{ca}.pem", "-keyfile",
                f"{ca}.key", "-startdate", first, "-enddate", last,
                "-in", f"{name}.csr", "-out", f"{name}.pem")
    (directory / "done").touch()
