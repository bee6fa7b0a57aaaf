"""Presence and sync over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.delivery import INBOUND, ToRoute
from tests.cloud import Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RF-009")


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        for user in ("ana", "bo", "cy"):
            call("PUT", f"/v1/users/{user}", {"name": user})
        yield made


@pytest.fixture(scope="module")
def conversation(stack: Cloud) -> str:
    """Ana's with bo, and three messages of hers in it."""
    pair = {"type": "private", "members": ["ana", "bo"]}
    conversation_id = str(call("POST", "/v1/conversations", pair).json["conversation_id"])
    for words in ("one", "two", "three"):
        payload = {"type": "text", "text": words}
        new = {"conversation_id": conversation_id, "from": "ana", "payload": payload}
        assert call("POST", "/v1/messages", new).status == 202
    from chat4all.bootstrap.chat import routing

    routing().route([ToRoute.model_validate(body) for body in stack.received(INBOUND)])
    return conversation_id


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def sync(user: str | None = "bo", **query: Any) -> Answer:
    return call("GET", "/v1/sync", user=user, query={n: str(v) for n, v in query.items()})


def test_everything_new_comes_page_by_page(conversation: str) -> None:
    first = sync(None, user_id="bo", limit=2).json
    second = sync(None, user_id="bo", limit=2, cursor=first["next_cursor"]).json
    third = sync(None, user_id="bo", cursor=second["next_cursor"]).json

    [part], [rest] = first["conversations"], second["conversations"]
    assert part["conversation_id"] == rest["conversation_id"] == conversation
    words = [m["payload"]["text"] for p in (part, rest) for m in p["messages"]]
    assert words == ["one", "two", "three"]
    assert [first["has_more"], second["has_more"], third["has_more"]] == [True, False, False]
    assert third["conversations"] == []
    assert (part["type"], part["unread_count"], part["last_seq"]) == ("private", 3, 3)
    assert part["last_message"]["payload"]["text"] == "three"
    assert {w["user_id"] for w in part["watermarks"]} == {"ana", "bo"}


def test_the_members_own_token_delivers_and_the_sender_learns_of_it(conversation: str) -> None:
    before = sync("ana").json["next_cursor"]

    mine = sync("bo").json
    hers = sync("ana", cursor=before).json

    [part] = mine["conversations"]
    assert [m["seq"] for m in part["messages"]] == [1, 2, 3]
    marks = {w["user_id"]: w["delivered_seq"] for w in part["watermarks"]}
    assert marks["bo"] == 3
    statuses = [s for p in hers["conversations"] for s in p["statuses"]]
    told = {s["seq"]: (s["status"], s["counts"]["delivered"]) for s in statuses}
    seen = {m["seq"]: m["status"] for p in hers["conversations"] for m in p["messages"]}
    assert told | {seq: (status, 1) for seq, status in seen.items()} == {
        seq: ("DELIVERED", 1) for seq in (1, 2, 3)
    }


@pytest.mark.usefixtures("conversation")
def test_what_cannot_be_synchronised() -> None:
    assert_problem(sync("bo", cursor="nonsense"), 422, "bad_cursor")
    assert_problem(sync("bo", cursor="A" * 2049), 422, "invalid_request")
    assert_problem(sync("bo", limit=0), 422, "invalid_request")
    assert_problem(sync("bo", limit=101), 422, "invalid_request")
    assert_problem(sync("bo", user_id="ana"), 403, "not_yourself")
    assert_problem(sync(None), 422, "user_required")


@pytest.mark.usefixtures("conversation")
def test_presence_is_shown_to_who_shares_a_conversation() -> None:
    offline = {"user_id": "ana", "status": "offline", "last_seen_at": None}

    assert call("GET", "/v1/users/ana/presence", user="bo").json == offline
    assert call("GET", "/v1/users/ana/presence").json == offline
    stranger = call("GET", "/v1/users/ana/presence", user="cy")
    nobody = call("GET", "/v1/users/nobody/presence")
    assert_problem(stranger, 404, "user_not_found")
    assert_problem(nobody, 404, "user_not_found")


@pytest.mark.usefixtures("conversation")
def test_whoever_is_connected_is_online() -> None:
    from chat4all.bootstrap.access import tokens
    from chat4all.bootstrap.realtime import connecting
    from tests.builders import SERVICE

    token = tokens().for_user(SERVICE, "ana", 900).access_token
    connecting().connect("c-1=", token)

    online = call("GET", "/v1/users/ana/presence", user="bo").json
    connecting().disconnect("c-1=")
    offline = call("GET", "/v1/users/ana/presence", user="bo").json

    assert (online["status"], offline["status"]) == ("online", "offline")
    assert online["last_seen_at"] <= offline["last_seen_at"]
