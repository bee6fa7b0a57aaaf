"""What connectors send, against the running provider sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import urllib3

from chat4all.channels import http
from chat4all.delivery import parse_opaque
from chat4all.errors import DeliveryError, TryLater, Undeliverable
from chat4all.message import TextPayload
from infra.local.processes import choose_port
from tests.contract.provider import Facts, Sandbox, connector_for


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider has 0.3 s for an answer."""
    monkeypatch.setattr(http, "TIMEOUT", urllib3.Timeout(connect=0.5, read=0.3))
    http._pool.cache_clear()
    yield
    http._pool.cache_clear()


def refusal(call: Callable[[], object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        call()
    return error.value


def test_a_text_is_in_the_persons_inbox_under_the_id_that_came_back(
    sandbox: Sandbox, facts: Facts
) -> None:
    delivery = sandbox.delivery()

    provider_id = sandbox.connector.send(delivery, "Olá ✓\n2", final=True)

    [item] = sandbox.inbox()
    assert (item["id"], item["text"], item["account"]) == (provider_id, "Olá ✓\n2", sandbox.account)
    if facts.gives_opaque_back:
        assert parse_opaque(item["opaque"]) == (delivery.message_id, 0)


def test_the_parts_of_a_long_text_are_all_taken_in_order(sandbox: Sandbox) -> None:
    payload = TextPayload(type="text", text="👋 one two three\n" * 240)
    delivery = sandbox.delivery(payload=payload, sender_name="Ann" * 30)
    *before, last = sandbox.connector.split(delivery)

    ids = [sandbox.connector.send(delivery, part, final=False) for part in before]
    ids.append(sandbox.connector.send(delivery, last, final=True))

    assert [item["id"] for item in sandbox.inbox()] == ids
    assert [item["text"] for item in sandbox.inbox()] == [*before, last]
    assert not any(item["opaque"] for item in sandbox.inbox()[:-1])


def test_an_identity_may_name_the_account_that_sends(sandbox: Sandbox) -> None:
    sandbox.connector.send(sandbox.delivery(account="2002"), "hi", final=True)

    assert [item["account"] for item in sandbox.inbox()] == ["2002"]


def test_a_wrong_token_opens_the_breaker(sandbox: Sandbox) -> None:
    connector = connector_for(sandbox.channel, **sandbox.known | {"access_token": "expired"})

    error = refusal(lambda: connector.send(sandbox.delivery(), "hi", final=True))

    assert isinstance(error, TryLater)
    assert (error.opens_breaker, error.channel_down, error.maybe_sent) == (True, True, False)
    assert sandbox.inbox() == []


def test_a_throttled_send_is_tried_later(sandbox: Sandbox, facts: Facts) -> None:
    sandbox.fault("error", code=facts.throttled)

    error = refusal(sandbox.send)

    assert isinstance(error, TryLater)
    assert (error.channel_down, error.maybe_sent) == (False, False)
    assert error.code == str(facts.throttled)
    assert sandbox.send()


def test_a_person_who_cannot_be_reached_here_may_be_elsewhere(
    sandbox: Sandbox, facts: Facts
) -> None:
    sandbox.fault("error", code=facts.no_such_person)

    error = refusal(sandbox.send)

    assert isinstance(error, Undeliverable)
    assert (error.recipient, error.code) == (True, str(facts.no_such_person))
    assert error.reason


def test_outside_the_window_nothing_helps(sandbox: Sandbox) -> None:
    sandbox.settings(window_24h=True)
    sandbox.wrote_hours_ago(25)

    error = refusal(sandbox.send)

    assert isinstance(error, Undeliverable)
    assert not error.recipient
    sandbox.wrote_hours_ago(1)
    assert sandbox.send()


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_counts_for_the_breaker(sandbox: Sandbox, status: int) -> None:
    sandbox.fault("server_error", status=status)

    error = refusal(sandbox.send)

    assert isinstance(error, TryLater)
    assert (error.channel_down, error.opens_breaker) == (True, False)
    assert sandbox.inbox() == []


def test_a_refused_connection_counts_for_the_breaker_and_sent_nothing(sandbox: Sandbox) -> None:
    nowhere = {"base_url": f"http://127.0.0.1:{choose_port()}"}
    connector = connector_for(sandbox.channel, **sandbox.known | nowhere)

    error = refusal(lambda: connector.send(sandbox.delivery(), "hi", final=True))

    assert isinstance(error, TryLater)
    assert (error.channel_down, error.maybe_sent) == (True, False)


def test_a_connection_closed_without_an_answer_may_have_sent_it(sandbox: Sandbox) -> None:
    sandbox.fault("refuse")

    error = refusal(sandbox.send)

    assert isinstance(error, TryLater)
    assert (error.channel_down, error.maybe_sent) == (True, True)


def test_an_answer_that_does_not_come_may_have_sent_it(
    sandbox: Sandbox, short_patience: None
) -> None:
    sandbox.fault("timeout_after_accept", seconds=1)

    error = refusal(sandbox.send)

    assert isinstance(error, TryLater)
    assert (error.channel_down, error.maybe_sent) == (True, True)
    assert len(sandbox.inbox()) == 1
