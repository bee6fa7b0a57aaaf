"""Every connector, found by its folder: what must hold before any provider is asked."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.channels import connector_class
from chat4all.errors import Chat4AllError, Forbidden, NotFound, Rejected, Unavailable
from chat4all.message import MAX_TEXT, TemplatePayload, TextPayload, UnsupportedPayload
from chat4all.ports import Capabilities, Connector
from tests.contract.provider import CHANNELS, a_delivery, connector_for, settings_for

JUNK = (
    b"",
    b"not json",
    b"\xff\xfe\x00",
    b"[]",
    b"{}",
    b"null",
    b'"text"',
    b"[" * 20_000,
    b'{"entry": [{"changes": [{"value": {"statuses": [{}], "messages": [7]}}]}]}',
    b'{"entry": [{"messaging": [{"message": {"mid": 1}}, null]}], "object": 5}',
    b'{"update_id": 1, "message": {"text": "hi"}}',
)
TEXTS = (
    "a",
    " ",
    "Good morning ✓",
    "word " * (MAX_TEXT // 5),
    "x" * MAX_TEXT,
    "👩‍👩‍👧" * (MAX_TEXT // 5),
    "line of text\n" * (MAX_TEXT // 13),
    " " * MAX_TEXT,
)


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(channel: str) -> Connector:
    return connector_for(channel)


def test_there_are_channels() -> None:
    assert CHANNELS


def test_a_channel_that_is_none_is_not_found() -> None:
    with pytest.raises(NotFound):
        connector_class("carrier_pigeon")


def test_it_declares_what_the_channel_can_do(connector: Connector) -> None:
    capabilities = connector.capabilities

    assert isinstance(capabilities, Capabilities)
    assert "text" in capabilities.payloads
    assert capabilities.payloads <= {"text", "template", "unsupported"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: f"{text[:5]!r} x{len(text)}")
@pytest.mark.parametrize("sender", [None, "Ann" * 40], ids=["private", "group"])
def test_the_parts_of_a_text_are_in_order_and_nothing_is_lost(
    connector: Connector, channel: str, text: str, sender: str | None
) -> None:
    payload = TextPayload(type="text", text=text)

    parts = connector.split(a_delivery(channel, payload=payload, sender_name=sender))

    assert parts and all(parts)
    whole = text if sender is None else f"{sender}: {text}"
    assert "".join("".join(parts).split()) == "".join(whole.split())
    if len(whole) < 100:
        assert parts == [whole]


def test_every_kind_of_payload_that_it_carries_has_a_text(
    connector: Connector, channel: str
) -> None:
    payloads: dict[str, Any] = {
        "text": TextPayload(type="text", text="hi"),
        "template": TemplatePayload(type="template", name="welcome", language="en"),
        "unsupported": UnsupportedPayload(type="unsupported", kind="sticker"),
    }
    for kind in connector.capabilities.payloads:
        [part] = connector.split(a_delivery(channel, payload=payloads[kind]))
        assert part


@pytest.mark.parametrize("body", JUNK, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize(
    "headers",
    [{}, {"x-hub-signature-256": "sha256=" + "0" * 64}, {"x-hub-signature-256": "é"}],
    ids=["unsigned", "wrong", "odd"],
)
def test_what_is_not_signed_by_the_provider_is_refused(
    connector: Connector, body: bytes, headers: dict[str, str]
) -> None:
    with pytest.raises(Forbidden):
        connector.parse(body, headers)


def test_a_body_over_any_limit_is_rejected(connector: Connector) -> None:
    with pytest.raises(Rejected):
        connector.parse(b" " * 20_000_000, {})


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": "wrong"},
        {"hub.mode": "subscribe", "hub.challenge": "7"},
        {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": "é"},
        {"hub.challenge": "7"},
    ],
)
def test_a_handshake_with_a_wrong_token_is_refused(
    connector: Connector, query: dict[str, str]
) -> None:
    with pytest.raises(Forbidden):
        connector.handshake(query)


@pytest.mark.parametrize("name", [c for c in CHANNELS if "verify_token" in settings_for(c)])
def test_a_handshake_with_the_right_token_is_answered(name: str) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": "right"}

    assert connector_for(name, verify_token="right").handshake(query) == "7"


def test_settings_are_read_when_they_are_needed(channel: str) -> None:
    def missing() -> dict[str, Any]:
        raise Unavailable("settings")

    connector = connector_class(channel)(missing)

    assert connector.split(a_delivery(channel))
    with pytest.raises(Chat4AllError):
        connector.send(a_delivery(channel), "hi", final=True)
