"""The subscriber that tests, the demonstration and `./scripts/listen` use."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from infra.local.receiver import Answer, Receiver

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


def signed(body: bytes, *secrets: str, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signatures = [Webhook(secret).sign("evt-1", at, body.decode()) for secret in secrets]
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def test_it_keeps_what_it_gets_and_checks_the_signature(receiver: Receiver) -> None:
    body = json.dumps({"id": "evt-1", "type": "message.read"}).encode()

    answer = httpx.post(receiver.url(), content=body, headers=signed(body, SECRET))

    assert answer.status_code == 204
    [delivery] = receiver.deliveries()
    assert (delivery.webhook_id, delivery.body) == ("evt-1", body)
    assert delivery.event(SECRET)["type"] == "message.read"
    assert abs(delivery.at - time.time()) < 5


def test_while_secrets_rotate_both_have_signed(receiver: Receiver) -> None:
    httpx.post(receiver.url(), content=b"{}", headers=signed(b"{}", SECRET, OTHER))

    [delivery] = receiver.deliveries()
    assert delivery.event(SECRET, OTHER) == {}


def test_a_wrong_secret_or_an_old_time_is_no_event(receiver: Receiver) -> None:
    old = datetime.fromtimestamp(time.time() - 3600, UTC)
    httpx.post(receiver.url(), content=b"{}", headers=signed(b"{}", SECRET))
    httpx.post(receiver.url(), content=b"{}", headers=signed(b"{}", SECRET, at=old))

    fresh, late = receiver.deliveries()
    with pytest.raises(WebhookVerificationError, match="signature"):
        fresh.event(SECRET, OTHER)
    with pytest.raises(WebhookVerificationError, match="old"):
        late.event(SECRET)


def test_it_answers_as_it_is_told_and_then_as_always(receiver: Receiver) -> None:
    receiver.answers(Answer(503, {"Retry-After": "7"}), Answer(410))
    receiver.always(Answer(201, body=b"thanks"))

    answers = [httpx.post(receiver.url(), content=b"{}") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [503, 410, 201, 201]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[3].text == "thanks"
    assert len(receiver.deliveries()) == 4


def test_paths_are_subscribers_of_their_own(receiver: Receiver) -> None:
    receiver.always(Answer(500), path="/dead")

    assert httpx.post(receiver.url("/dead"), content=b"1").status_code == 500
    assert httpx.post(receiver.url("/fine"), content=b"2").status_code == 204
    assert [d.body for d in receiver.deliveries("/fine")] == [b"2"]


def test_a_slow_answer_holds_no_other_one_up(receiver: Receiver) -> None:
    receiver.always(Answer(wait=30), path="/slow")
    receiver.always(Answer(200, drip=30, body=b"drop by drop"), path="/drip")

    for path in ("/slow", "/drip"):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(receiver.url(path), content=b"{}", timeout=0.05)
    answer = httpx.post(receiver.url("/fine"), content=b"{}", timeout=5)

    assert answer.status_code == 204
    assert len(receiver.deliveries("/slow")) == 1


def test_it_can_be_down_for_a_while_at_the_same_address(receiver: Receiver) -> None:
    url = receiver.url()
    receiver.always(Answer(wait=30), path="/slow")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(receiver.url("/slow"), content=b"{}", timeout=0.05)

    receiver.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.post(url, content=b"{}")
    receiver.start()

    assert receiver.url() == url
    assert httpx.post(url, content=b"{}").status_code == 204


def test_many_at_once_are_all_kept(receiver: Receiver) -> None:
    with httpx.Client() as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: client.post(receiver.url(), content=b"%d" % n), range(400)))

    assert {int(d.body) for d in receiver.deliveries()} == set(range(400))
