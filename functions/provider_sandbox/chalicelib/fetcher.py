"""Fetching what a link names, as the providers do, without ever having all of it in memory."""

import hashlib
import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

import urllib3

from .content import BLOCK
from .errors import MediaFailed
from .media_rules import MediaRule

_TIMEOUT = urllib3.Timeout(connect=5.0, read=10.0)
_RETRIES = urllib3.Retry(total=None, connect=0, read=0, redirect=3, status=0, other=0)
_pool = urllib3.PoolManager(num_pools=16, maxsize=8, retries=_RETRIES, timeout=_TIMEOUT)


class Fetched(NamedTuple):
    """What a link gave: its type without parameters, its bytes' number and SHA-256 in hex."""

    mime_type: str
    size: int
    sha256: str


def fetch(link: str, rule: MediaRule) -> Fetched:
    """Read all that a link names, following at most 3 redirects, waiting 10 s for each block.

    Raises:
        MediaFailed: no connection, no 200, cut short; or unsuitable: too large, of a wrong type.
    """
    try:
        answer = _pool.request("GET", link, preload_content=False)
        try:
            fetched = _measure(answer, rule)
        except BaseException:  # whatever it was: the rest is not read, nobody wants it
            answer.close()
            raise
        answer.release_conn()
    except (urllib3.exceptions.HTTPError, ValueError, OSError) as problem:
        # without the link itself: it may be signed, and receivers of statuses write logs
        raise MediaFailed(f"could not fetch the link: {type(problem).__name__}") from problem
    return fetched


def _measure(answer: urllib3.BaseHTTPResponse, rule: MediaRule) -> Fetched:
    if answer.status != 200:
        raise MediaFailed(f"the link answered {answer.status} instead of 200")
    mime_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    rule.check_type(mime_type)
    rule.check_size(int(answer.headers.get("content-length", 0)))
    size, digest = 0, hashlib.sha256()
    for block in answer.stream(BLOCK, decode_content=False):
        size += len(block)
        rule.check_size(size)
        digest.update(block)
    return Fetched(mime_type, size, digest.hexdigest())


class Errands:
    """Work done in the background by a few daemon threads, first come first served."""

    def __init__(self, threads: int = 8) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for _ in range(threads):
            threading.Thread(target=self._work, daemon=True).start()

    def run(self, errand: Callable[[], None]) -> None:
        """Do this soon. It must not raise: its thread would end."""
        self._waiting.put(errand)

    def _work(self) -> None:
        while True:
            self._waiting.get()()
