"""Ids are one whatever their spelling; what people write comes back byte for byte."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from http_api.handler import lambda_handler
from route_message.handler import lambda_handler as route
from tests.builders import an_id
from tests.cloud import CONTEXT, Answer, Cloud, assert_problem, cloud, records_of, request

pytestmark = pytest.mark.req("RNF-009")
WRITTEN = [
    "e\u0301 and \u00e9",
    "ﬁ ａ ① \u212b \u00c5",
    "\u202eabc\u202c \u2066x\u2069 \u200fשלום\u200e",
    "👩\u200d👩\u200d👧 \ufe0f \u0000\ufeff\uffff",
    "\u1112\u1161\u11ab \ud55c",
]
"""Composed and not, compatible, turned around, joined; each is more than one spelling."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        for user in ("ana", "bo", "cy"):
            assert call("PUT", f"/v1/users/{user}", {"name": user}).status == 200
        yield made


def call(method: str, path: str, body: Any = None, **other: Any) -> Answer:
    return request(lambda_handler, method, path, body, **other)


@pytest.fixture(scope="module")
def pair(stack: Cloud) -> str:
    answer = call("POST", "/v1/conversations", {"type": "private", "members": ["ana", "bo"]})
    return str(answer.json["conversation_id"])


def placed(stack: Cloud) -> None:
    """What route_message does with what waits."""
    waiting = records_of(stack.received("inbound"))
    assert route({"Records": waiting}, CONTEXT) == {"batchItemFailures": []}


@pytest.mark.parametrize("words", WRITTEN, ids=range(len(WRITTEN)))
def test_what_people_write_is_kept_byte_for_byte(stack: Cloud, pair: str, words: str) -> None:
    sent = call(
        "POST",
        "/v1/messages",
        {
            "conversation_id": pair,
            "from": "ana",
            "payload": {"type": "text", "text": words},
            "metadata": {words: words},
        },
    )
    placed(stack)

    alone = call("GET", f"/v1/messages/{sent.json['message_id']}").json
    listed = call("GET", f"/v1/conversations/{pair}/messages").json["items"][-1]

    for shown in (alone, listed):
        assert shown["payload"]["text"].encode() == words.encode()
        assert shown["metadata"] == {words: words}


@pytest.mark.parametrize("words", WRITTEN, ids=range(len(WRITTEN)))
def test_so_are_names(stack: Cloud, words: str) -> None:
    name = f"x{words}x"

    call("PUT", "/v1/users/cy", {"name": name})

    assert call("GET", "/v1/users/cy").json["name"].encode() == name.encode()


def test_a_file_s_name_keeps_the_spelling_of_its_letters(stack: Cloud) -> None:
    new = {"filename": "e\u0301 \u00e9 ﬁ.txt", "size": 5, "content_type": "text/plain"}

    answer = call("POST", "/v1/files/initiate", new)

    assert answer.status == 201, answer.text
    shown = call("GET", f"/v1/files/{answer.json['file_id']}").json
    assert shown["filename"] == "e\u0301 \u00e9 ﬁ.txt"


def test_an_id_in_another_spelling_is_the_same_id(stack: Cloud, pair: str) -> None:
    wide = call("GET", "/v1/users/ａｎａ")
    listed = call("GET", "/v1/conversations", query={"user_id": "ａｎａ"})
    opened = call("POST", "/v1/conversations", {"type": "private", "members": ["ａｎａ", "bo"]})
    again = call("POST", "/v1/conversations", {"type": "private", "members": ["ａｎａ", "ana"]})

    assert wide.json["user_id"] == "ana"
    assert [c["conversation_id"] for c in listed.json["items"]] == [pair]
    assert (opened.status, opened.json["conversation_id"]) == (200, pair)
    assert_problem(again, 422, "repeated_member")


def test_one_key_in_two_spellings_is_one_key(stack: Cloud) -> None:
    group = {"type": "group", "members": ["ana", "bo", "cy"]}

    first, second = (
        call("POST", "/v1/conversations", group, headers={"idempotency-key": key})
        for key in ("order-7", "ｏｒｄｅｒ-7")
    )

    assert (first.status, second.status) == (201, 200)
    assert first.json["conversation_id"] == second.json["conversation_id"]


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 129, "\u202ea"])
def test_a_key_that_is_none_is_refused(stack: Cloud, key: str) -> None:
    group = {"type": "group", "members": ["ana", "bo", "cy"]}

    answer = call("POST", "/v1/conversations", group, headers={"idempotency-key": key})

    assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/users/аna",
        "/v1/users/ana\u200b",
        "/v1/users/ana/presence\u200b",
        "/v1/messages/" + an_id(1).replace("0", "٠"),
        "/v1/conversations/x",
        "/v1/files/x",
        "/v1/files/s3/multipart/x",
        "/v1/webhooks/x",
        "/v1/webhooks/x/attempts",
    ],
)
def test_a_path_without_an_id_in_it_is_refused(stack: Cloud, path: str) -> None:
    answer = call("GET", path)

    assert answer.status in (404, 422), answer.text
    assert answer.json["code"] in ("invalid_request", "route_not_found")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("[" * 100_000, {}),
        ('{"a":' * 33 + "1" + "}" * 33, {}),
        ('{"name": NaN}', {}),
        ('{"name": "a", "name": "b"}', {}),
        ('{"name": 1e999}', {"content-type": ""}),
        ("{", {"content-type": "application/json; charset=utf-8"}),
    ],
    ids=range(6),
)
def test_json_that_is_none_of_ours_is_refused_wherever_it_is_read(
    stack: Cloud, body: str, headers: dict[str, str]
) -> None:
    for method, path in (("PUT", "/v1/users/ana"), ("POST", "/v1/webhooks")):
        assert_problem(call(method, path, body, headers=headers), 400, "bad_json")
    assert_problem(call("POST", "/auth/token", body, headers=headers, public=True), 400, "bad_json")


def test_a_body_in_base64_is_read_as_well_and_refused_as_well(stack: Cloud) -> None:
    def put(raw: bytes) -> Answer:
        text = base64.b64encode(raw).decode()
        return call("PUT", "/v1/users/ana", text, base64_encoded=True)

    assert put(b'{"name": "ana"}').status == 200
    assert_problem(put(b"\xff"), 400, "bad_json")
    assert_problem(put(b'{"a": 1, "a": 1}'), 400, "bad_json")
    assert_problem(call("PUT", "/v1/users/ana", "é!", base64_encoded=True), 400, "bad_json")
