"""A stand-in for the product's process: it reads deployment.toml by the model, and serves the health page over TLS.

``python server.py HOME ADDRESS CERTIFICATE``. What it does is a JSON line in HOME/server.log. A file HOME/sick-host names the relay with which
its health page says 503 for good.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mailwright.deployment import read_deployment
from mailwright.engine.effective import Outcome, effective
from mailwright.operations.node import HEALTH, MANAGEMENT_PORT
from mailwright.product.product import load_product

HOME, ADDRESS, CERTIFICATE = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
READY_AFTER = 0.3  # seconds


def log(event: str, **more: Any) -> None:
    """Write a line that a test reads."""
    with open(HOME / "server.log", "a", encoding="utf-8") as file:
        file.write(json.dumps({"event": event, "time": time.time(), **more}) + "\n")


class Health(BaseHTTPRequestHandler):
    """Answer for the health page alone."""

    ready, sick = 0.0, False

    def do_GET(self) -> None:
        healthy = self.path == HEALTH and not self.sick and time.monotonic() > self.ready
        self.send_response(200 if healthy else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Start as the product does, or say why not."""
    file = HOME / "repository" / "conf" / "deployment.toml"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    deployment = read_deployment(str(file))
    view = effective(deployment, load_product().releases.parse("7.2.0"), environment=os.environ)
    if view.outcome is not Outcome.OK:
        log("refused")
        raise SystemExit(1)
    relay = view.text_of("mail.smtp.host")
    sick = HOME / "sick-host"
    Health.sick = sick.exists() and sick.read_text(encoding="utf-8") == relay
    Health.ready = time.monotonic() + READY_AFTER
    offset = next((leaf.data for leaf in deployment.leaves if leaf.path == ("server", "offset")), 0)
    assert isinstance(offset, int)
    server = ThreadingHTTPServer((ADDRESS, MANAGEMENT_PORT + offset), Health)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    (HOME / "wso2carbon.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")

    def end(*_: object) -> None:
        log("stopped")
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    log("started", relay=relay, digest=digest)
    server.serve_forever()


if __name__ == "__main__":
    main()
