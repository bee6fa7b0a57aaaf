"""Bring one part to the address that the API signed for it."""

import base64
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from infra.client.api import PASSING, FilesApi
from infra.client.errors import ClientError, Stopped

PIECE = 256 * 1024  # bytes between two looks at the progress and at whether to stop
AGAIN = frozenset({"BadDigest", "RequestTimeout", "IncompleteBody"})
"""Refusals that say: the bytes did not arrive as they were sent."""
MOST_URLS = 100


class UploadGone(ClientError):
    """S3 does not know the upload: it was completed or aborted."""


class Urls:
    """Signed addresses by part number, asked for as they are needed. For any thread."""

    def __init__(self, api: FilesApi, file_id: str, known: dict[int, str]) -> None:
        self._api, self._file_id, self._known = api, file_id, known
        self._asking = threading.Lock()

    def of(self, number: int) -> str:
        with self._asking:
            if number not in self._known:
                self._known |= self._api.urls(self._file_id, number, MOST_URLS)
            return self._known[number]

    def expired(self, number: int, url: str) -> None:
        """Do not use this one again. Those of its time are as old: they go with it."""
        with self._asking:
            if self._known.get(number) == url:
                self._known.clear()


class PartSender:
    """Sends parts until they are there, whatever the network does."""

    def __init__(
        self,
        api: FilesApi,
        pool: urllib3.PoolManager,
        urls: Urls,
        on_bytes: Callable[[int], None],
        on_trouble: Callable[[str], None],
    ) -> None:
        """`on_bytes` hears how much was sent; a negative number when that did not arrive."""
        self._api, self._pool, self._urls = api, pool, urls
        self._on_bytes, self._on_trouble = on_bytes, on_trouble

    def send(self, number: int, body: memoryview) -> None:
        """Returns when S3 has the part and found its MD5 to be right.

        Raises:
            UploadGone: there is nothing to send it to any more.
            ClientError: S3 refuses it, or cannot be reached.
        """
        md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        waits = iter(self._api.waits)
        while True:
            url = self._urls.of(number)
            why = self._attempt(url, body, md5)
            if why is None:
                return
            if why.startswith("403"):
                self._urls.expired(number, url)
            if (seconds := next(waits, None)) is None:
                raise ClientError(f"Part {number} cannot be sent: {why}. Run it again to resume.")
            self._on_trouble(f"Part {number}: {why}; trying again.")
            self._api.pause(seconds)

    def _attempt(self, url: str, body: memoryview, md5: str) -> str | None:
        """Nothing if it is there, else why it is worth another attempt."""
        sent = 0

        def pieces() -> Iterator[Any]:  # of the buffer itself, nothing is copied
            nonlocal sent
            for start in range(0, len(body), PIECE):
                if self._api.stop.is_set():
                    raise Stopped("Stopped.")
                piece = body[start : start + PIECE]
                yield piece
                sent += len(piece)
                self._on_bytes(len(piece))

        headers = {"Content-Length": str(len(body)), "Content-MD5": md5}
        try:
            answer = self._pool.request("PUT", url, body=pieces(), headers=headers, redirect=False)
        except HTTPError as error:
            self._on_bytes(-sent)
            return str(error)
        if answer.status == 200:
            return None
        self._on_bytes(-sent)
        found = re.search(rb"<Code>([A-Za-z0-9]+)</Code>", answer.data)
        code = found[1].decode() if found else ""
        why = f"{answer.status} {code}".strip()
        if code == "NoSuchUpload":
            raise UploadGone(why)
        if answer.status == 403 or answer.status in PASSING or code in AGAIN:
            return why
        raise ClientError(f"S3 refuses the part: {why}.")
