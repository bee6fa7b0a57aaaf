"""A load generator: threads with one kept-alive connection each, and as little else as possible."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit


@dataclass
class Result:
    """Seconds of each request, and how long all took together."""

    times: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    refused: int = 0

    @property
    def rate(self) -> float:
        return len(self.times) / self.elapsed if self.elapsed else 0.0

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


Prepare = Callable[[int], Callable[[], str]]
"""Make the request of this number ready. What is returned sends it, and says why it was refused, if
it was."""


def spread(worker: Callable[[], Prepare], requests: int, workers: int) -> Result:
    """So many requests, shared by workers that ask again as soon as they are answered.

    Raises:
        RuntimeError: an answer was no success; a benchmark of errors measures nothing.
    """
    result = Result()
    numbers = iter(range(requests))
    lock = threading.Lock()
    failures: list[str] = []

    def take() -> Iterator[int]:
        while not failures:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    def work() -> None:
        prepare = worker()
        for number in take():
            send = prepare(number)
            begun = time.perf_counter()
            refused = send()
            taken = time.perf_counter() - begun
            with lock:
                result.times.append(taken)
            if refused:
                failures.append(refused)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.elapsed = time.perf_counter() - begun
    if failures:
        raise RuntimeError(failures[0])
    return result


def run(
    url: str, token: str, body: Callable[[int], object], requests: int, connections: int
) -> Result:
    """POST `requests` bodies over so many connections, as fast as they are answered.

    Raises:
        RuntimeError: an answer was no success.
    """

    def worker() -> Prepare:
        target = urlsplit(url)
        connection = HTTPConnection(target.netloc, timeout=60)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

        def prepare(number: int) -> Callable[[], str]:
            content = json.dumps(body(number)).encode()

            def send() -> str:
                status, answer = _post(connection, target.path, content, headers)
                return f"{url}: {status} {answer[:300]!r}" if status >= 300 else ""

            return send

        return prepare

    return spread(worker, requests, connections)


def _post(
    connection: HTTPConnection, path: str, content: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    """The emulator closes a connection after about a thousand requests: then once more."""
    try:
        connection.request("POST", path, content, headers)
        response: HTTPResponse = connection.getresponse()
        return response.status, response.read()
    except (HTTPException, ConnectionError):
        connection.close()
        connection.request("POST", path, content, headers)
        response = connection.getresponse()
        return response.status, response.read()
