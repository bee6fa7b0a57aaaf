"""What Meta's channels share: handshake, signatures, error bodies, and cutting long texts."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.channels.graph import MAX_BODY_BYTES, handshake, refused, signed_body, split_text
from chat4all.channels.http import Answer
from chat4all.channels.instagram import wire as instagram
from chat4all.channels.whatsapp import wire as whatsapp
from chat4all.errors import Forbidden, Invalid, TryLater, Undeliverable

SECRET = "the app's secret"


def signature(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def an_answer(status: int, **error: object) -> Answer:
    return Answer(status, {"error": error} if error else {}, None)


def test_the_handshake_gives_the_challenge_back_to_whoever_knows_the_token() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "ours", "hub.challenge": "42"}

    assert handshake(query, "ours") == "42"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.challenge": "42"},
        {"hub.mode": "subscribe", "hub.verify_token": "theirs", "hub.challenge": "42"},
        {"hub.mode": "subscribe", "hub.verify_token": "öurs", "hub.challenge": "42"},
        {"hub.mode": "unsubscribe", "hub.verify_token": "ours", "hub.challenge": "42"},
    ],
)
def test_the_handshake_refuses_everybody_else(query: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        handshake(query, "ours")


def test_a_body_is_read_when_its_signature_holds_for_the_raw_bytes() -> None:
    body = b'{ "object" : "caf\\u00e9" }'

    assert signed_body(body, signature(body), SECRET) == {"object": "café"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha256=é\ud800"},
        signature(b'{"a":2}'),
        signature(b'{"a":1}', "another secret"),
        {"x-hub-signature-256": signature(b'{"a":1}')["x-hub-signature-256"][7:]},
    ],
    ids=str,
)
def test_a_bad_signature_is_forbidden(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden) as error:
        signed_body(b'{"a":1}', headers, SECRET)

    assert error.value.code == "bad_signature"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "callback_not_json"),
        (b"\xff\xfe", "callback_not_json"),
        (b'{"a":', "callback_not_json"),
        (b"[" * 100_000, "callback_not_json"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "callback_not_json"),
        (b"[]", "callback_not_object"),
        (b"null", "callback_not_object"),
    ],
    ids=range(7),
)
def test_what_is_signed_and_no_json_object_is_invalid(body: bytes, code: str) -> None:
    with pytest.raises(Invalid) as error:
        signed_body(body, signature(body), SECRET)

    assert error.value.code == code


def test_a_body_over_the_limit_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(Invalid):
        signed_body(b" " * (MAX_BODY_BYTES + 1), {}, SECRET)


@given(st.binary(max_size=60))
def test_signed_junk_is_rejected_or_an_object(body: bytes) -> None:
    try:
        found = signed_body(body, signature(body), SECRET)
    except Invalid:
        return

    assert isinstance(found, dict)


AUTH = [0, 190, 3, 10, 200, 250, 299, 131005]
ACCOUNT = [368, 131031, 130497, 131042, 33]
THROTTLE = [4, 80007, 130429, 131056, 131048]
TRANSIENT = [1, 2, 131000, 131016, 131057]
RECIPIENT = [131026, 131021, 131030, 131050, 131049, 130472]
WINDOW_AND_CONTENT = [131047, 100, 131008, 131009, 131051, 131052, 131053]
TEMPLATE = [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016]


def of_whatsapp(code: int) -> TryLater | Undeliverable:
    return refused(an_answer(400, code=code, message=f"(#{code})"), whatsapp.group_of)


@pytest.mark.parametrize("code", [*AUTH, *ACCOUNT])
def test_bad_credentials_and_a_blocked_account_open_the_breaker(code: int) -> None:
    assert of_whatsapp(code).opens_breaker


@pytest.mark.parametrize("code", THROTTLE)
def test_a_throttled_send_is_tried_later_and_says_nothing_of_the_channel(code: int) -> None:
    error = of_whatsapp(code)

    assert isinstance(error, TryLater)
    assert not error.channel_down
    assert error.throttled


@pytest.mark.parametrize("code", TRANSIENT)
def test_trouble_at_the_provider_counts_towards_the_breaker(code: int) -> None:
    error = of_whatsapp(code)

    assert error.channel_down
    assert not error.opens_breaker


@pytest.mark.parametrize("code", RECIPIENT)
def test_a_recipient_who_cannot_be_reached_is_worth_another_channel(code: int) -> None:
    error = of_whatsapp(code)

    assert isinstance(error, Undeliverable)
    assert error.recipient


@pytest.mark.parametrize("code", [*WINDOW_AND_CONTENT, *TEMPLATE])
def test_what_is_wrong_with_the_message_is_final(code: int) -> None:
    error = of_whatsapp(code)

    assert isinstance(error, Undeliverable)
    assert not error.recipient
    assert error.code == str(code)


@pytest.mark.parametrize(
    ("code", "subcode", "later", "recipient"),
    [
        (10, 2534022, False, False),
        (100, 2018001, False, True),
        (100, 2534014, False, True),
        (100, None, False, False),
        (551, None, False, True),
        (190, None, True, False),
        (10, None, True, False),
        (4, None, True, False),
        (32, None, True, False),
        (613, None, True, False),
        (2, 1545133, True, False),
        (190, 463, True, False),
    ],
)
def test_instagrams_codes(code: int, subcode: int | None, later: bool, recipient: bool) -> None:
    answer = an_answer(400, code=code, **({"error_subcode": subcode} if subcode else {}))

    error = refused(answer, instagram.group_of)

    assert isinstance(error, TryLater) is later
    assert getattr(error, "recipient", False) is recipient


@pytest.mark.parametrize(("status", "later"), [(500, True), (503, True), (400, False)])
def test_an_unknown_code_is_judged_by_the_status(status: int, later: bool) -> None:
    error = refused(an_answer(status, code=99_999), whatsapp.group_of)

    assert isinstance(error, TryLater) is later


@pytest.mark.parametrize("body", [{}, {"error": None}, {"error": {"code": "190"}}, {"error": []}])
def test_an_answer_without_a_code_is_tried_later(body: dict) -> None:
    error = refused(Answer(502, body, 7.0), whatsapp.group_of)

    assert isinstance(error, TryLater)
    assert (error.code, error.retry_after) == ("http_502", 7.0)


def test_the_providers_details_are_the_reason() -> None:
    error = refused(
        an_answer(400, code=131026, message="m", error_data={"details": "no such user"}),
        whatsapp.group_of,
    )

    assert error.reason == "no such user"


any_text = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n👩‍👩‍👧é"))


def by_bytes(part: str) -> bool:
    return len(part.encode()) <= 20


@given(any_text.map(lambda t: t * 5), st.sampled_from(["characters", "bytes"]))
def test_parts_fit_and_together_say_all_that_was_said(text: str, limit: str) -> None:
    fits = by_bytes if limit == "bytes" else lambda part: len(part) <= 20

    parts = split_text(text, fits, 20)

    assert all(fits(part) for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(max_size=20))
def test_what_fits_goes_as_it_is(text: str) -> None:
    assert split_text(text, lambda part: len(part) <= 20, 20) == [text]


def test_a_text_is_cut_at_a_line_or_else_at_a_space() -> None:
    parts = split_text("one two three\nfour five six", lambda part: len(part) <= 16, 16)
    words = split_text("one two three four five", lambda part: len(part) <= 16, 16)

    assert parts == ["one two three", "four five six"]
    assert words == ["one two three", "four five"]


def test_no_part_is_empty() -> None:
    text = json.dumps("word " * 2000)

    assert all(split_text(text, lambda part: len(part) <= 1000, 1000))
