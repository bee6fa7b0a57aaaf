"""receive_callback and apply_callback as a whole: no answer is a 5xx for what somebody sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apply_callback.handler import lambda_handler as apply
from receive_callback.handler import MAX_BODY_CHARACTERS
from receive_callback.handler import lambda_handler as receive
from tests.cloud import CONTEXT, Cloud, cloud
from tests.support.fuzzed_callbacks import SQS_BYTES, corpus, seeds, signature
from tests.support.mutations import JUNK, as_bytes, spoilt, torn

pytestmark = pytest.mark.req("RNF-009")
bounded = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OURS = ("whatsapp", "instagram")


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def posted(channel: str, body: str, headers: dict[str, str], *, encoded: bool = False) -> int:
    event = {
        "headers": {"content-type": "application/json", **headers},
        "pathParameters": {"channel": channel},
        "requestContext": {"http": {"method": "POST"}},
        "body": body,
        "isBase64Encoded": encoded,
    }
    return int(receive(event, CONTEXT)["statusCode"])


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def applied(stack: Cloud) -> dict[str, Any]:
    """What apply_callback answers to what is queued."""
    return apply({"Records": records(map(json.dumps, stack.received("callbacks")))}, CONTEXT)


def records(bodies: Any) -> list[dict[str, Any]]:
    return [
        {
            "messageId": str(number),
            "body": body,
            "receiptHandle": f"handle-{number}",
            "attributes": {"MessageGroupId": f"g{number}", "SentTimestamp": "0"},
        }
        for number, body in enumerate(bodies)
    ]


def test_every_body_that_is_kept_is_queued_and_applied(stack: Cloud) -> None:
    for name, raw in corpus().items():
        channel = name.split("/")[-2]
        if channel in OURS:
            status = posted(channel, in_base64(raw), signature(raw), encoded=True)
            assert status == (422 if "deeper-than" in name else 200), name
            assert applied(stack) == {"batchItemFailures": []}, name


@bounded
@given(st.data())
def test_what_is_signed_is_never_answered_5xx(stack: Cloud, data: st.DataObject) -> None:
    channel = data.draw(st.sampled_from(OURS))
    body = data.draw(spoilt(data.draw(st.sampled_from(seeds(channel)))))
    raw = as_bytes(body)

    status = posted(channel, raw.decode(), signature(raw))

    assert status in (200, 422)
    assert all(len(json.dumps(body)) < 2 * SQS_BYTES for body in stack.received("callbacks"))


@bounded
@given(st.data(), st.booleans())
def test_what_is_not_signed_is_refused_and_not_queued(
    stack: Cloud, data: st.DataObject, encoded: bool
) -> None:
    raw = data.draw(torn([as_bytes(body) for body in seeds("whatsapp")]))
    given_signature = data.draw(
        st.just({}) | st.text(max_size=80).map(lambda text: {"x-hub-signature-256": text})
    )
    body = in_base64(raw) if encoded else raw.decode("utf-8", "surrogateescape")

    status = posted("whatsapp", body, given_signature, encoded=encoded)

    assert status == 403
    assert stack.received("callbacks") == []


@pytest.mark.parametrize(
    ("body", "encoded", "status"),
    [
        ("é", True, 422),
        ("=", True, 422),
        ("\ud800", False, 403),
        ("", False, 403),
        ("x" * (MAX_BODY_CHARACTERS + 1), False, 422),
        ("A" * (MAX_BODY_CHARACTERS + 4), True, 422),
        ("A" * MAX_BODY_CHARACTERS, True, 403),
    ],
    ids=range(7),
)
def test_an_odd_body_is_refused(stack: Cloud, body: str, encoded: bool, status: int) -> None:
    assert posted("whatsapp", body, {}, encoded=encoded) == status


@bounded
@given(st.dictionaries(st.sampled_from(["hub.mode", "hub.verify_token", "x"]), st.text()))
def test_a_handshake_of_somebody_else_is_refused(stack: Cloud, query: dict[str, str]) -> None:
    event = {
        "pathParameters": {"channel": "whatsapp"},
        "requestContext": {"http": {"method": "GET"}},
        "queryStringParameters": query,
    }

    assert receive(event, CONTEXT)["statusCode"] == 403


@pytest.mark.parametrize("channel", ["", "no", "..", "whatsapp/..", "whatsapp\x00", "é", "\ud800"])
def test_a_channel_that_is_none_is_not_found(stack: Cloud, channel: str) -> None:
    assert posted(channel, "{}", {}) == 404


@bounded
@given(st.data())
def test_what_is_queued_and_none_of_ours_is_put_aside_alone(
    stack: Cloud, data: st.DataObject
) -> None:
    update = {"kind": "status", "channel": "whatsapp", "provider_id": "w", "mark": "read", "at": 1}
    junk = data.draw(st.sampled_from(JUNK).map(as_bytes) | torn([json.dumps(update).encode()]))
    odd = data.draw(st.just(junk.decode("utf-8", "replace")) | st.text(max_size=40))
    told = json.dumps({**update, "provider_id": "nobody-s"})

    answer = apply({"Records": records([told, odd, told])}, CONTEXT)

    failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
    assert failed <= {"1"}
