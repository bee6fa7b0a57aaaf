"""One pool of connections to providers per process, and what a lost answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)

from chat4all.errors import TryLater

TIMEOUT = urllib3.Timeout(connect=3.0, read=10.0)
"""Seconds. Ten sends run side by side, so a batch stays within the function's 30."""
MAX_ANSWER_BYTES = 65_536


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
    try:
        response = _pool().request(
            "POST",
            url,
            body=content,
            headers={"content-type": "application/json", **headers},
            redirect=False,
            preload_content=False,
        )
        raw = response.read(MAX_ANSWER_BYTES)
        response.drain_conn()
        response.release_conn()
    except (ConnectTimeoutError, NewConnectionError, NameResolutionError) as error:
        raise TryLater("unreachable", type(error).__name__, channel_down=True) from error
    except HTTPError as error:
        raise TryLater(
            "answer_lost", type(error).__name__, channel_down=True, maybe_sent=True
        ) from error
    return Answer(response.status, _object(raw), _seconds(response.headers.get("retry-after")))


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
