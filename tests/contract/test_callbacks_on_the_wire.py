"""What providers call back with: real requests, really signed, from the running sandbox."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from chat4all.delivery import InboundUpdate, StatusUpdate
from chat4all.errors import Forbidden, Rejected
from chat4all.message import TextPayload
from chat4all.receipts import Mark
from tests.contract.callbacks import Callbacks
from tests.contract.provider import Facts, Sandbox, connector_for
from tests.contract.test_connectors import JUNK


def test_receipts_are_what_the_channel_reports(
    sandbox: Sandbox, facts: Facts, callbacks: Callbacks
) -> None:
    delivery, can = sandbox.delivery(), sandbox.connector.capabilities
    provider_id = sandbox.connector.send(delivery, "hi", final=True)
    expected = [Mark.SENT, Mark.DELIVERED] if can.reports_delivered else []
    expected += [Mark.READ] if can.reports_read else []

    callbacks.wait_for(lambda updates: len(updates) >= len(expected))

    statuses = [u for u in callbacks.updates if isinstance(u, StatusUpdate)]
    assert sorted(u.mark for u in statuses) == sorted(expected)
    opaque = delivery.opaque if facts.gives_opaque_back else None
    assert {(u.channel, u.provider_id, u.opaque) for u in statuses} == {
        (sandbox.channel, provider_id, opaque)
    }
    assert all(abs(u.at - delivery.accepted_at) < 60_000 for u in statuses)
    assert callbacks.refused == []


def test_what_a_person_writes_comes_with_who_and_where(
    sandbox: Sandbox, facts: Facts, callbacks: Callbacks
) -> None:
    ours = sandbox.send()
    first = sandbox.person_writes("Bom dia ✓", name="Ana")
    second = sandbox.person_writes("yes", name="Ana", reply_to=ours)

    callbacks.wait_for(lambda updates: sum(isinstance(u, InboundUpdate) for u in updates) == 2)

    found = {u.provider_id: u for u in callbacks.updates if isinstance(u, InboundUpdate)}
    assert found.keys() == {first, second}
    assert found[first].payload == TextPayload(type="text", text="Bom dia ✓")
    assert [found[i].reply_to for i in (first, second)] == [None, ours]
    for update in found.values():
        assert (update.channel, update.account) == (sandbox.channel, sandbox.account)
        assert update.address == sandbox.address
        assert update.name == ("Ana" if facts.gives_names else None)


def test_the_provider_can_verify_our_address(sandbox: Sandbox, callbacks: Callbacks) -> None:
    assert sandbox.handshake()

    callbacks.connector = connector_for(sandbox.channel, **sandbox.known | {"verify_token": "x"})
    assert not sandbox.handshake()


def test_a_signature_is_for_the_raw_bytes_and_for_our_secret(
    sandbox: Sandbox, callbacks: Callbacks
) -> None:
    sandbox.person_writes("hi")
    callbacks.wait_for(bool)
    [(body, headers), *_] = callbacks.raw
    stranger = connector_for(sandbox.channel, **sandbox.known | {"app_secret": "another"})

    assert sandbox.connector.parse(body, headers) == callbacks.updates
    with pytest.raises(Forbidden):
        sandbox.connector.parse(body + b" ", headers)
    with pytest.raises(Forbidden):
        stranger.parse(body, headers)


@pytest.mark.parametrize("body", JUNK, ids=lambda body: repr(body[:20]))
def test_junk_with_a_right_signature_is_rejected_or_says_nothing(
    sandbox: Sandbox, body: bytes
) -> None:
    secret = sandbox.known["app_secret"].encode()
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    try:
        updates = sandbox.connector.parse(body, {"x-hub-signature-256": signature})
    except Rejected:
        return
    assert updates == []


def test_a_failure_that_comes_later_says_why(
    sandbox: Sandbox, facts: Facts, callbacks: Callbacks
) -> None:
    """Where the provider accepts first and fails later, as the sandbox does for such channels."""
    if facts.fails_later is None:
        assert not sandbox.connector.capabilities.reports_delivered
        return
    sandbox.fault("fail_later", code=facts.fails_later)
    provider_id = sandbox.send()

    callbacks.wait_for(lambda updates: any(u.mark == Mark.FAILED for u in updates))

    [failed] = [u for u in callbacks.updates if u.mark == Mark.FAILED]
    assert failed.provider_id == provider_id
    assert failed.failure.code == str(facts.fails_later)
    assert failed.failure.reason
    assert failed.failure.next_choice
    assert not failed.failure.retriable


def test_a_callback_that_comes_twice_queues_the_same(
    sandbox: Sandbox, callbacks: Callbacks
) -> None:
    """The same deduplication ids: the queue takes each once."""
    sandbox.fault("duplicate", copies=2)
    sandbox.settings(batch_window=0)
    sandbox.send()
    expected = 6 if sandbox.connector.capabilities.reports_delivered else 2

    callbacks.wait_for(lambda updates: len(updates) >= expected)

    assert len(callbacks.updates) == expected
    assert len({u.outgoing() for u in callbacks.updates}) == expected // 2
