"""Messages at a steady rate, and when each was asked for and accepted."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

from infra.local.client import Api
from infra.local.running import Addresses
from tests.bench.generator import _post

WORKERS = 16


@dataclass
class Sent:
    """Times in seconds since 1970, by message id."""

    asked: dict[str, float] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.accepted) / self.seconds if self.seconds else 0.0


def send(
    addresses: Addresses,
    api: Api,
    conversations: list[str],
    sender: str,
    rate: float,
    seconds: float,
) -> Sent:
    """So many a second, to the conversations by turns; as many as it takes when that is too fast.

    Raises:
        RuntimeError: one was refused.
    """
    sent, lock = Sent(), threading.Lock()
    refused: list[str] = []
    numbers = iter(range(int(rate * seconds)))
    begun = time.perf_counter()

    def work() -> None:
        target = urlsplit(f"{addresses.api_url}/v1/messages")
        connection = HTTPConnection(target.netloc, timeout=60)
        headers = {"authorization": f"Bearer {api.token}", "content-type": "application/json"}
        while not refused:
            with lock:
                number = next(numbers, None)
            if number is None or time.perf_counter() - begun > seconds:
                return
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            message_id = str(uuid.uuid4())
            body = {
                "message_id": message_id,
                "conversation_id": conversations[number % len(conversations)],
                "from": sender,
                "payload": {"type": "text", "text": f"{number} " + "x" * 100},
            }
            sent.asked[message_id] = time.time()
            status, answer = _post(connection, target.path, json.dumps(body).encode(), headers)
            sent.accepted[message_id] = time.time()
            if status != 202:
                refused.append(f"{status} {answer[:300]!r}")

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.seconds = time.perf_counter() - begun
    if refused:
        raise RuntimeError(refused[0])
    return sent


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
