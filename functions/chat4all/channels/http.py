"""One pool of connections to providers per process, and what a lost answer means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import parse_url

from chat4all.errors import TryLater, Undeliverable
from chat4all.ports import Download

TIMEOUT = urllib3.Timeout(connect=3.0, read=10.0)
"""Seconds. Ten sends run side by side, so a batch stays within the function's 30."""
MAX_ANSWER_BYTES = 65_536
CHUNK_BYTES = 65_536


class Answer(NamedTuple):
    status: int
    body: Mapping[str, Any]
    retry_after: float | None


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=4, maxsize=10, timeout=TIMEOUT, retries=False)


def post_json(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    """POST and read a JSON answer; anything that is no JSON object reads as an empty one.

    Raises:
        TryLater: no connection (`channel_down`), or the answer was lost
            (`maybe_sent`: the provider may have taken it).
    """
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return _ask("POST", url, {"content-type": "application/json", **headers}, content)


def get_json(url: str, headers: Mapping[str, str]) -> Answer:
    """The same for a GET."""
    return _ask("GET", url, headers, None)


def _ask(method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
    with _errors():
        response = _pool().request(
            method,
            url,
            body=content,
            headers=dict(headers),
            redirect=False,
            preload_content=False,
        )
        raw = response.read(MAX_ANSWER_BYTES)
        response.drain_conn()
        response.release_conn()
    return Answer(response.status, _object(raw), _seconds(response.headers.get("retry-after")))


@contextmanager
def stream(url: str, headers: Mapping[str, str]) -> Iterator[Download]:
    """GET a file, at most 64 KiB at a time. Redirects are not followed: they could lead anywhere.

    Raises TryLater for anything but a 200, and while it is read when it is cut short.
    """
    with _errors():
        response = _pool().request(
            "GET",
            url,
            headers={"accept-encoding": "identity", **headers},
            redirect=False,
            preload_content=False,
        )
    try:
        if response.status != 200:
            wait = _seconds(response.headers.get("retry-after"))
            raise TryLater(f"http_{response.status}", "It was not given.", retry_after=wait)
        length = response.headers.get("content-length", "")
        yield Download(
            content_type=response.headers.get("content-type"),
            size=int(length) if length.isascii() and length.isdigit() else None,
            sha256=None,
            chunks=_chunks(response),
        )
    finally:
        response.close()  # what is left of it is not wanted, so the connection is of no more use


def _chunks(response: BaseHTTPResponse) -> Iterator[bytes]:
    with _errors():
        # read1 gives what is there: a slow provider is seen to be slow
        while chunk := response.read1(CHUNK_BYTES, decode_content=False):
            yield chunk


def only_from(url: str, base_url: str, hosts: Sequence[str]) -> None:
    """Raises Undeliverable unless a URL is the provider's: its API's own host, or https on one
    of its domains. Callbacks are signed, and still name no address inside our network.

    The URL is read by the parser that the request is made with: two parsers disagree on some.
    """
    try:
        found, ours = parse_url(url), parse_url(base_url)
    except HTTPError as error:
        raise Undeliverable("media_elsewhere", "It cannot be read as a URL.") from error
    if (found.scheme, found.netloc) == (ours.scheme, ours.netloc):
        return
    host = found.host or ""
    known = any(host == h or host.endswith(f".{h}") for h in hosts)
    if found.scheme != "https" or found.auth is not None or not known:
        raise Undeliverable("media_elsewhere", f"{host[:100]!r} is no host of the provider.")


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (ConnectTimeoutError, NewConnectionError, NameResolutionError) as error:
        raise TryLater("unreachable", type(error).__name__, channel_down=True) from error
    except HTTPError as error:
        raise TryLater(
            "answer_lost", type(error).__name__, channel_down=True, maybe_sent=True
        ) from error


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(retry_after: str | None) -> float | None:
    return (
        float(retry_after)
        if retry_after and retry_after.isascii() and retry_after.isdigit()
        else None
    )
