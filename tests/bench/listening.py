"""Somebody hears of everything: what that costs the chain is measured with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.client import Api
from infra.local.receiver import Receiver
from infra.local.running import Addresses
from tests.bench.realtime import Crowd, token_of


@contextmanager
def everybody_listens(addresses: Addresses, api: Api, user: str = "agent") -> Iterator[None]:
    """A webhook for all types of events, and the sender connected by a WebSocket."""
    with Receiver() as receiver:
        made = api.ok("POST", "/v1/webhooks", {"url": receiver.url("/all"), "types": ["*"]})
        crowd = Crowd(addresses.sockets_url)
        try:
            crowd.open([token_of(api, user)])
            yield
        finally:
            crowd.close()
            api.ok("DELETE", f"/v1/webhooks/{made['webhook_id']}")
