"""WhatsApp's bodies, as published: what we send, what comes back, and junk."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat4all.channels.whatsapp import wire
from chat4all.channels.whatsapp.connector import MAX_TEXT, Channel
from chat4all.delivery import InboundUpdate, StatusUpdate
from chat4all.errors import Forbidden, Rejected
from chat4all.message import TemplatePayload
from chat4all.receipts import Mark
from chat4all.user import Identity
from tests.builders import a_delivery, text

SETTINGS = {"account": "1555", "access_token": "t", "app_secret": "s", "verify_token": "v"}
CHANNEL = Channel(lambda: SETTINGS)


def parsed(body: dict[str, Any]) -> list[StatusUpdate | InboundUpdate]:
    raw = json.dumps(body).encode()
    digest = hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    return list(CHANNEL.parse(raw, {"x-hub-signature-256": f"sha256={digest}"}))


def a_body(*values: Any) -> dict[str, Any]:
    changes = [{"field": "messages", "value": value} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def a_value(**more: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "1 555", "phone_number_id": "1555"},
        "contacts": [{"profile": {"name": " Bo "}, "wa_id": "551100"}],
        **more,
    }


def a_text(**more: Any) -> dict[str, Any]:
    return {
        "from": "551100",
        "id": "wamid.1",
        "timestamp": "1760000000",
        "type": "text",
        "text": {"body": "hello"},
        **more,
    }


def a_status(status: str, **more: Any) -> dict[str, Any]:
    given = {"id": "wamid.9", "status": status, "timestamp": "1760000000", "recipient_id": "5511"}
    return {**given, **more}


@pytest.mark.req("RF-002")
def test_a_text_is_read_with_who_wrote_it_and_what_it_replies_to() -> None:
    [update] = parsed(a_body(a_value(messages=[a_text(context={"from": "1", "id": "wamid.0"})])))

    assert update == InboundUpdate(
        channel="whatsapp",
        provider_id="wamid.1",
        account="1555",
        address="551100",
        name="Bo",
        reply_to="wamid.0",
        payload=text("hello"),
        at=1_760_000_000_999,
    )


def test_what_we_cannot_carry_yet_is_told_and_not_lost() -> None:
    [update] = parsed(a_body(a_value(messages=[a_text(type="location", location={})])))

    assert isinstance(update, InboundUpdate)
    assert (update.payload.type, update.payload.kind) == ("unsupported", "location")


@pytest.mark.req("RF-006")
@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_status_is_a_receipt_with_our_field(status: str) -> None:
    [update] = parsed(a_body(a_value(statuses=[a_status(status, biz_opaque_callback_data="m.0")])))

    assert update == StatusUpdate(
        channel="whatsapp",
        provider_id="wamid.9",
        mark=Mark(status),
        at=1_760_000_000_999,
        opaque="m.0",
    )


@pytest.mark.parametrize(
    ("code", "retriable", "next_choice"),
    [(131026, False, True), (131047, False, False), (131000, True, False), (77, False, False)],
)
def test_a_failed_status_says_why_and_what_to_do(code, retriable, next_choice) -> None:
    errors = [{"code": code, "title": "t", "message": "m", "error_data": {"details": "d"}}]

    [update] = parsed(a_body(a_value(statuses=[a_status("failed", errors=errors)])))

    assert isinstance(update, StatusUpdate)
    assert update.failure is not None
    assert (update.failure.code, update.failure.reason) == (str(code), "d")
    assert (update.failure.retriable, update.failure.next_choice) == (retriable, next_choice)


def test_a_failed_status_without_errors_has_a_reason_too() -> None:
    [update] = parsed(a_body(a_value(statuses=[a_status("failed")])))

    assert isinstance(update, StatusUpdate)
    assert update.failure is not None
    assert update.failure.code == "failed"


def test_a_batch_keeps_its_order_and_what_is_unreadable_stops_nobody() -> None:
    statuses = [a_status("sent", id="wamid.1"), {"id": 7}, None, a_status("warm"), "x"]
    statuses.append(a_status("read", id="wamid.2"))

    found = parsed(a_body(a_value(statuses=statuses), None, a_value(messages=[a_text()])))

    assert [update.provider_id for update in found] == ["wamid.1", "wamid.2", "wamid.1"]


BAD_TIMES = [None, [], {}, "soon", 1.5e308 * 10, "9" * 5000, -1, True]


@pytest.mark.parametrize("timestamp", BAD_TIMES, ids=range(8))
def test_a_time_that_is_none_stops_nobody(timestamp: Any) -> None:
    statuses = [a_status("sent", timestamp=timestamp), a_status("read")]

    found = parsed(a_body(a_value(statuses=statuses)))

    assert found[-1].mark is Mark.READ


def test_half_an_emoji_reads_as_a_question_mark() -> None:
    contacts = [{"profile": {"name": "Bo \ud83d"}, "wa_id": "551100"}]
    message = a_text(text={"body": "cut \ud83d, whole \U0001f600"})

    [update] = parsed(a_body(a_value(messages=[message], contacts=contacts)))

    assert isinstance(update, InboundUpdate)
    assert (update.name, update.payload) == ("Bo ?", text("cut ?, whole \U0001f600"))
    assert "cut ?" in update.outgoing().body


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
near = st.fixed_dictionaries(
    {},
    optional={
        "metadata": junk | st.fixed_dictionaries({"phone_number_id": junk}),
        "contacts": junk | st.lists(st.fixed_dictionaries({"wa_id": junk, "profile": junk})),
        "messages": junk
        | st.lists(
            st.builds(
                lambda changes: a_text(**changes),
                st.dictionaries(
                    st.sampled_from(["from", "id", "timestamp", "type", "text", "context"]),
                    junk,
                    max_size=2,
                ),
            ),
            max_size=2,
        ),
        "statuses": junk
        | st.lists(
            st.builds(
                lambda changes: {**a_status("failed"), **changes},
                st.dictionaries(
                    st.sampled_from(["id", "status", "timestamp", "errors"]), junk, max_size=2
                ),
            ),
            max_size=2,
        ),
    },
)


@settings(max_examples=300)
@given(near | junk)
def test_junk_raises_nothing_but_rejected(value: Any) -> None:
    try:
        found = parsed(a_body(value)) + parsed({"entry": value})
    except Rejected:
        return

    for update in found:
        assert type(update).model_validate_json(update.outgoing().body) == update
        if isinstance(update, InboundUpdate):
            Identity(channel=update.channel, address=update.address, account=update.account)


def test_a_text_goes_out_as_published() -> None:
    assert wire.text_body("551100", "hi", "m.0") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "551100",
        "type": "text",
        "text": {"body": "hi", "preview_url": False},
        "biz_opaque_callback_data": "m.0",
    }


def test_a_template_goes_out_as_published() -> None:
    template = TemplatePayload(type="template", name="hi", language="pt_BR", parameters=("Bo",))

    body = wire.template_body("551100", template, "m.0")

    assert body["template"] == {
        "name": "hi",
        "language": {"code": "pt_BR"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Bo"}]}],
    }


@given(st.text(st.sampled_from("ab 👩‍👧\né"), min_size=1, max_size=40).map(lambda t: t * 150))
def test_a_text_with_the_senders_name_is_split_by_characters(words: str) -> None:
    delivery = a_delivery(payload=text(words[:4096]), sender_name="Ana")

    parts = CHANNEL.split(delivery)

    assert all(0 < len(part) <= MAX_TEXT for part in parts)
    assert "".join("".join(parts).split()) == "".join(f"Ana: {words[:4096]}".split())
