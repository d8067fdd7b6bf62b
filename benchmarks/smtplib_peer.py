"""The peer of ``benchmarks/verify.py``: the same handshakes by ``smtplib`` in threads; said is only whether they went well.

Arguments: the CSV file of tenants, the CA's certificate, and how many at once. The password comes from MAILWRIGHT_BENCHMARK.
"""

from __future__ import annotations

import csv
import os
import smtplib
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor


def hold(tenant: dict[str, str], context: ssl.SSLContext, password: str) -> bool:
    """Hold one handshake: STARTTLS, LOGIN, MAIL FROM, RSET, QUIT."""
    with smtplib.SMTP(tenant["hostname"], int(tenant["port"]), "client.example", timeout=10) as relay:
        relay.starttls(context=context)
        relay.ehlo()
        relay.user, relay.password = tenant["username"], password
        code, _ = relay.auth("LOGIN", relay.auth_login)
        accepted, _ = relay.mail("a@example.com")
        relay.rset()
        return (code, accepted) == (235, 250)


def main(tenants: str, ca_file: str, concurrency: str) -> int:
    """Hold them all; return 1 if one went wrong."""
    context = ssl.create_default_context(cafile=ca_file)
    with open(tenants, encoding="utf-8", newline="") as file, ThreadPoolExecutor(int(concurrency)) as pool:
        done = pool.map(lambda tenant: hold(tenant, context, os.environ["MAILWRIGHT_BENCHMARK"]), csv.DictReader(file))
        return 0 if all(done) else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
