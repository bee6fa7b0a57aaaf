"""Instagram's bodies, as published: what we send, what comes back, and junk."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat4all.channels.instagram import wire
from chat4all.channels.instagram.connector import MAX_TEXT_BYTES, Channel
from chat4all.delivery import InboundUpdate, StatusUpdate
from chat4all.errors import Forbidden, Rejected
from chat4all.receipts import Mark
from chat4all.user import Identity
from tests.builders import NOW, a_delivery, text

SETTINGS = {"account": "page", "access_token": "t", "app_secret": "s", "verify_token": "v"}
CHANNEL = Channel(lambda: SETTINGS)


def parsed(body: dict[str, Any]) -> list[StatusUpdate | InboundUpdate]:
    raw = json.dumps(body).encode()
    digest = hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    return list(CHANNEL.parse(raw, {"x-hub-signature-256": f"sha256={digest}"}))


def a_body(*items: Any) -> dict[str, Any]:
    entry = {"id": "page", "time": NOW, "messaging": list(items)}
    return {"object": "instagram", "entry": [entry]}


def an_item(**more: Any) -> dict[str, Any]:
    return {"sender": {"id": "igbo"}, "recipient": {"id": "page"}, "timestamp": NOW, **more}


@pytest.mark.req("RF-002")
def test_a_text_is_read_with_who_wrote_it_and_what_it_replies_to() -> None:
    message = {"mid": "mid.1", "text": "hello", "reply_to": {"mid": "mid.0"}}

    [update] = parsed(a_body(an_item(message=message)))

    assert update == InboundUpdate(
        channel="instagram",
        provider_id="mid.1",
        account="page",
        address="igbo",
        reply_to="mid.0",
        payload=text("hello"),
        at=NOW,
    )


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"attachments": [{"type": "share", "payload": {"url": "https://x"}}]}, "share"),
        ({"attachments": [{"type": "image", "payload": {"url": ""}}]}, "image"),
        ({"attachments": [{"type": "image"}]}, "image"),
        ({"attachments": [{}]}, "message"),
        ({}, "message"),
        ({"text": ""}, "message"),
    ],
)
def test_what_we_cannot_carry_yet_is_told_and_not_lost(message: dict, kind: str) -> None:
    [update] = parsed(a_body(an_item(message={"mid": "mid.1", **message})))

    assert isinstance(update, InboundUpdate)
    assert (update.payload.type, update.payload.kind) == ("unsupported", kind)


@pytest.mark.req("RF-006")
def test_a_read_is_a_receipt_by_the_providers_id() -> None:
    [update] = parsed(a_body(an_item(read={"mid": "mid.9"})))

    assert update == StatusUpdate(channel="instagram", provider_id="mid.9", mark=Mark.READ, at=NOW)


@pytest.mark.parametrize("kind", ["is_echo", "is_deleted"])
def test_our_own_echoes_and_what_was_deleted_are_skipped(kind: str) -> None:
    assert parsed(a_body(an_item(message={"mid": "mid.1", "text": "hi", kind: True}))) == []


def test_what_is_unreadable_stops_nobody() -> None:
    items = [None, {}, an_item(reaction={"mid": "m"}), an_item(read={"mid": 1}), "x"]
    items.append(an_item(read={"mid": "mid.2"}))

    assert [update.provider_id for update in parsed(a_body(*items))] == ["mid.2"]


@pytest.mark.parametrize("kind", ["\ud800", None, 7, {"a": 1}], ids=range(4))
def test_an_attachment_of_an_odd_type_stops_nobody(kind: Any) -> None:
    odd = an_item(message={"mid": "mid.1", "attachments": [{"type": kind}]})

    found = parsed(a_body(odd, an_item(read={"mid": "mid.2"})))

    assert [update.provider_id for update in found] == ["mid.1", "mid.2"]
    assert all(update.outgoing().body for update in found)


def test_a_bad_signature_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        CHANNEL.parse(b"{}", {"x-hub-signature-256": "sha256=00"})


words = st.text(st.characters(), max_size=5)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {"mid": words | junk},
    optional={
        "text": junk,
        "attachments": junk | st.lists(st.fixed_dictionaries({"type": junk}), max_size=2),
        "reply_to": junk,
        "is_echo": junk,
    },
)
near = st.fixed_dictionaries(
    {"sender": st.just({"id": "igbo"}), "recipient": st.just({"id": "page"}) | junk},
    optional={"timestamp": st.just(NOW) | junk, "message": messages | junk, "read": junk},
)


@settings(max_examples=300)
@given(near | junk)
def test_junk_raises_nothing_but_rejected(item: Any) -> None:
    try:
        found = parsed(a_body(item)) + parsed({"entry": item})
    except Rejected:
        return

    for update in found:
        assert type(update).model_validate_json(update.outgoing().body) == update
        if isinstance(update, InboundUpdate):
            Identity(channel=update.channel, address=update.address, account=update.account)


def test_a_text_goes_out_as_published() -> None:
    assert wire.text_body("igbo", "hi") == {"recipient": {"id": "igbo"}, "message": {"text": "hi"}}


@given(st.text(st.sampled_from("ab 👩‍👧\né"), min_size=1, max_size=40).map(lambda t: t * 60))
def test_a_text_is_split_by_its_bytes(words: str) -> None:
    parts = CHANNEL.split(a_delivery(payload=text(words)))

    assert all(0 < len(part.encode()) <= MAX_TEXT_BYTES for part in parts)
    assert "".join("".join(parts).split()) == "".join(words.split())
