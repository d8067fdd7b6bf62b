"""How the stand-in's answers leave: as JSON, with the request echoed into an error, in two halves, or as an error on request."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from .faults import Faults


def json_answer(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer."""
    return web.Response(status=status, body=json.dumps(document).encode(), content_type="application/json", headers=headers)


def echoing(response: web.Response, request: web.Request, raw: bytes) -> web.Response:
    """Put the request into an error's text, as careless servers and proxies do."""
    said = f"{request.method} {request.raw_path} {request.headers.get('Authorization', '')} {raw.decode('utf-8', 'replace')}"
    try:
        document = json.loads(response.body if isinstance(response.body, bytes) else b"")
        document = {**document, "description": said}
    except (ValueError, TypeError):
        document = {"code": "proxy", "message": "the request failed", "description": said}
    headers = {name: value for name, value in response.headers.items() if name in ("WWW-Authenticate", "Retry-After")}
    return json_answer(document, response.status, headers)


async def send_slowly(request: web.Request, response: web.Response, seconds: float) -> web.StreamResponse:
    """Send a response in two halves."""
    body = response.body if isinstance(response.body, bytes) else b""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    stream = web.StreamResponse(status=response.status, headers=headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    await stream.write(body[: len(body) // 2])
    await asyncio.sleep(seconds)
    await stream.write(body[len(body) // 2 :])
    await stream.write_eof()
    return stream


def fault_answer(status: int, faults: Faults) -> web.Response:
    """Return the error that was asked for, as a proxy would put it: not in the product's words."""
    headers = {}
    if status in (429, 503) and faults.retry_after is not None:
        headers["Retry-After"] = str(faults.retry_after)
    return web.Response(status=status, text=f"mailwright sandbox: {status} on request", headers=headers)


def page_answer(request: web.Request) -> web.Response:
    """Return the login page of a proxy, with the status of a success."""
    status = 201 if request.method == "POST" and not request.path.endswith("/token") else 200
    return web.Response(status=status, text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")


def of_another(response: web.Response) -> web.Response:
    """Return the answer with another sender in it, where there is one in it."""
    try:
        document = json.loads(response.body if isinstance(response.body, bytes) else b"")
    except ValueError:
        return response
    if not isinstance(document, dict) or "name" not in document:
        return response
    return json_answer({**document, "name": "SomebodyElse"}, response.status)
