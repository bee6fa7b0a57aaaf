"""What one process keeps is right when several threads ask at once: the gRPC front has a pool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from chat4all.access.tokens import TokenVerifier
from chat4all.adapters import aws
from chat4all.adapters.local_key import LocalSigner
from chat4all.adapters.oidc import OidcKeys
from grpc_front import __main__ as front
from tests.support.tokens import CLIENT, ISSUER, tokens

pytestmark = pytest.mark.req("RF-008")
THREADS = 8


class SlowSigner(LocalSigner):
    """Its public key takes a while, as KMS does."""

    def public_key(self) -> bytes:
        time.sleep(0.02)
        return super().public_key()


def at_once(ask: Callable[[], Any]) -> list[Any]:
    """What so many threads get that begin together."""
    begin = threading.Barrier(THREADS)

    def one() -> Any:
        begin.wait()
        return ask()

    with ThreadPoolExecutor(THREADS) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(THREADS)]]


def test_every_key_still_counts_when_the_first_tokens_come_at_once() -> None:
    signers = [SlowSigner(), SlowSigner(), SlowSigner()]
    verifier = TokenVerifier(signers, ISSUER)
    by_the_last = tokens(*reversed(signers)).for_client(CLIENT).access_token

    callers = at_once(lambda: verifier.verify(by_the_last).caller.subject)

    assert callers == [CLIENT.client_id] * THREADS


def test_clients_are_made_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's default session fails now and then when two threads make clients of it."""
    making = Overlap()
    monkeypatch.setattr(boto3, "client", lambda *args, **more: making.made())
    aws.client.cache_clear()

    at_once(lambda: aws.client("sqs"))
    aws.client.cache_clear()

    assert making.most == 1


def test_nobody_is_refused_while_an_outside_issuers_keys_are_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = OidcKeys("https://issuer.example")
    fetching = Overlap()
    monkeypatch.setattr(keys, "_fetched", lambda: {"k": fetching.made()})

    found = at_once(lambda: keys.get("k"))

    assert len(set(map(id, found))) == 1
    assert fetching.most == 1


def test_every_thread_of_the_grpc_front_has_its_connection() -> None:
    assert aws._CONFIG.max_pool_connections >= front.THREADS


class Overlap:
    """Something slow, which sees whether two threads are in it at once."""

    def __init__(self) -> None:
        self.most = self._now = 0

    def made(self) -> object:
        with self._inside():
            time.sleep(0.05)
            return object()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._now += 1
        self.most = max(self.most, self._now)
        yield
        self._now -= 1
