"""Signatures, held to the library of Standard Webhooks."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from chat4all.webhooks.signing import new_secret, signed_headers


def now() -> int:
    """The library refuses what was signed over five minutes ago."""
    return int(time.time())


def test_a_secret_is_random_and_has_the_length_that_the_standard_asks_for() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(s.startswith("whsec_") and len(base64.b64decode(s[6:])) == 32 for s in secrets)


@given(st.uuids(), st.text(max_size=200))
def test_the_library_verifies_whatever_we_sign(event_id: object, words: str) -> None:
    secret, body = new_secret(), words.encode()

    headers = signed_headers([secret], str(event_id), now(), body)

    Webhook(secret).verify(body, headers, json_parse=False)


def test_old_and_new_secret_both_verify_and_another_does_not() -> None:
    new, old, other = new_secret(), new_secret(), new_secret()

    headers = signed_headers([new, old], "event-1", now(), b"{}")

    for secret in (new, old):
        assert Webhook(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(b"{}", headers)


def test_what_was_changed_on_its_way_does_not_verify() -> None:
    secret, signed_at = new_secret(), now()
    headers = signed_headers([secret], "event-1", signed_at, b"{}")

    for change in ({"webhook-id": "event-2"}, {"webhook-timestamp": str(signed_at + 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(b"{}", headers | change)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"[]", headers)


def test_the_headers_say_who_posts_and_what() -> None:
    headers = signed_headers([new_secret()], "event-1", now(), b"{}")

    assert headers["user-agent"] == "chat4all-webhooks/1"
    assert headers["content-type"] == "application/json"
    assert set(headers) == {
        "content-type",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
