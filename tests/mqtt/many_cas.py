#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""A TLS server that asks for a client certificate of one of many CAs.

many_cas.py DIRECTORY PORT COUNT tls1_2|tls1_3 prints what the client sends.
Each CA takes 230 bytes of the request.
"""

import base64
import os
import subprocess
import sys

MARK = "0" * 64


def pem(der):
    return (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) +
            b"-----END CERTIFICATE-----\n")


def main(directory, port, count, version):
    name = f"/O={'x' * 64}/OU={'y' * 64}/CN={MARK}"
    der = subprocess.run(
        ["openssl", "req", "-x509", "-new", "-key", f"{directory}/ca.key",
         "-utf8", "-subj", name, "-outform", "DER"],
        stdout=subprocess.PIPE, check=True).stdout
    # nobody looks at their signatures
    with open(f"{directory}/many.pem", "wb") as file:
        for i in range(int(count)):
            file.write(pem(der.replace(MARK.encode(), b"%064d" % i)))
    # at the end of its input it would close
    quiet, end = os.pipe()
    os.dup2(quiet, 0)
    os.set_inheritable(end, True)
    os.execlp("openssl", "openssl", "s_server", "-accept", port, "-quiet",
              "-cert", f"{directory}/server.crt",
              "-key", f"{directory}/server.key", f"-{version}",
              "-CAfile", f"{directory}/many.pem", "-verify", "1",
              "-naccept", "1")


if __name__ == "__main__":
    main(*sys.argv[1:])
