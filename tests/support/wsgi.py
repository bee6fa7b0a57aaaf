"""The API's handler as a WSGI application, behind what API Gateway does to a request."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from chat4all.api.access import rule_for
from http_api.handler import lambda_handler
from tests.cloud import request

ANYONE = "ANYONE"


class Gateway:
    """Asks for `user`, or for a service without one. Public routes have no caller."""

    def __init__(self) -> None:
        self.user: str | None = None

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], raw_path(environ)
        rule = rule_for(method, path)
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body, encoded = as_event_body(environ["wsgi.input"].read(size))
        answer = request(
            lambda_handler,
            method,
            path,
            body or None,
            user=self.user,
            query=query_of(environ),
            headers=headers_of(environ),
            base64_encoded=encoded,
            public=rule is not None and rule.who.name == ANYONE,
        )
        start_response(f"{answer.status} X", list(answer.headers.items()))
        return [answer.text.encode()]


def raw_path(environ: dict[str, Any]) -> str:
    """As the gateway has it: every escape decoded, but those of the percent sign itself."""
    path = str(environ.get("REQUEST_URI", environ["PATH_INFO"])).partition("?")[0]
    return unquote(re.sub("%25", "%2525", path))


def query_of(environ: dict[str, Any]) -> dict[str, str]:
    """Several values of one name are one, with commas."""
    found = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return {name: ",".join(values) for name, values in found.items()}


def headers_of(environ: dict[str, Any]) -> dict[str, str]:
    names = {name: name[5:] for name in environ if name.startswith("HTTP_")}
    names |= {name: name for name in ("CONTENT_TYPE",) if environ.get(name)}
    return {short.replace("_", "-").lower(): environ[name] for name, short in names.items()}


def as_event_body(content: bytes) -> tuple[str, bool]:
    """What is no text arrives in base64."""
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(content).decode(), True
