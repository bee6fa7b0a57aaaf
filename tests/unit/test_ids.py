"""What clients may choose as an id: what looks the same is the same, and the rest is refused."""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chat4all.ids import (
    Address,
    ChannelName,
    ConversationId,
    IdempotencyKey,
    ProviderAddress,
    UserId,
    WebhookId,
)

pytestmark = pytest.mark.req("RNF-009")
KINDS: dict[str, TypeAdapter[str]] = {
    name: TypeAdapter(kind)
    for name, kind in {
        "user": UserId,
        "address": Address,
        "channel": ChannelName,
        "idempotency": IdempotencyKey,
        "conversation": ConversationId,
        "webhook": WebhookId,
    }.items()
}
ONE = "0b6f1a52-3c4d-5e6f-8a9b-0c1d2e3f4a5b"


def read(kind: str, given: Any) -> str | None:
    try:
        return KINDS[kind].validate_python(given)
    except ValidationError:
        return None


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("user", "ana", "ana"),
        ("user", "ａｎａ", "ana"),
        ("user", "①", "1"),
        ("user", "ana\ufeff", None),
        ("user", "аna", None),  # a Cyrillic a stays one
        ("user", "ána", None),
        ("user", "ana\n", None),
        ("user", "ana\u200b", None),
        ("user", "\u202eana", None),
        ("user", "ﬀ" * 33, None),  # 66 letters then
        ("user", "ａ" * 64, "a" * 64),
        ("user", "ａ" * 600, None),
        ("user", "", None),
        ("user", 7, None),
        ("user", None, None),
        ("user", b"\xff", None),
        ("address", "５５１１９９９", "5511999"),
        ("address", "٥٥", None),
        ("channel", "ｗｈａｔｓａｐｐ", "whatsapp"),
        ("channel", "WhatsApp", None),
        ("idempotency", "order-7/ａ!~", "order-7/a!~"),
        ("idempotency", "a b", None),
        ("idempotency", "a\x7f", None),
        ("idempotency", "é", None),
        ("idempotency", "", None),
        ("idempotency", "x" * 129, None),
        ("conversation", ONE.upper(), ONE),
        ("conversation", ONE.replace("-", ""), ONE),
        ("conversation", f"{{{ONE}}}", ONE),
        ("conversation", f"urn:uuid:{ONE}", ONE),
        ("conversation", ONE.replace("0", "０"), ONE),
        ("conversation", ONE.replace("0", "٠"), None),
        ("conversation", "0x" + "1" * 30, None),
        ("conversation", "1_" * 15 + "11", None),
        ("conversation", " " + ONE[1:], None),
        ("webhook", ONE.upper(), ONE),
    ],
)
def test_an_id_is_kept_in_one_form_or_refused(kind: str, given: Any, kept: str | None) -> None:
    assert read(kind, given) == kept


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=70))
@example("user", "\ufb00" * 32)
def test_whatever_is_an_id_is_ascii_and_stays_as_it_is(kind: str, given: str) -> None:
    kept = read(kind, given)

    if kept is not None:
        assert kept.isascii() and kept.isprintable()
        assert read(kind, kept) == kept
        assert len(kept) <= 128


@given(st.text(alphabet="abcXYZ019._:@+-", min_size=1, max_size=64))
def test_two_ways_to_write_an_id_are_one_id(user_id: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in user_id)

    assert unicodedata.normalize("NFKC", wide) == user_id
    assert read("user", wide) == user_id == read("user", user_id)


@given(st.uuids())
def test_a_uuid_is_kept_in_its_canonical_form(one: uuid.UUID) -> None:
    for given_form in (str(one), one.hex, one.urn, str(one).upper()):
        assert read("conversation", given_form) == str(one)


def test_a_provider_s_ids_are_not_made_alike() -> None:
    provider_s: TypeAdapter[str] = TypeAdapter(ProviderAddress)

    with pytest.raises(ValidationError):
        provider_s.validate_python("５５１１９９９")
    assert provider_s.validate_python("5511999") == "5511999"
