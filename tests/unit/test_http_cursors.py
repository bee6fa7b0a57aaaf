"""Cursors over HTTP: of the same listing and the same thing, before and after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from http_api.handler import lambda_handler
from route_message.handler import lambda_handler as route
from tests.cloud import (
    CONTEXT,
    Answer,
    Cloud,
    assert_problem,
    cloud,
    forget_clients,
    records_of,
    request,
)

pytestmark = pytest.mark.req("RNF-009")
MEMBERS = ("ana", "bo", "cy")


def call(path: str, body: Any = None, **other: Any) -> Answer:
    return request(lambda_handler, "GET" if body is None else "POST", path, body, **other)


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        for user in MEMBERS:
            request(lambda_handler, "PUT", f"/v1/users/{user}", {"name": user})
        for pair in (["ana", "bo"], ["ana", "cy"], ["bo", "cy"]):
            opened = call("/v1/conversations", {"type": "private", "members": pair})
            for words in ("one", "two"):
                new = {"conversation_id": opened.json["conversation_id"], "from": pair[0]}
                call("/v1/messages", {**new, "payload": {"type": "text", "text": words}})
        route({"Records": records_of(made.received("inbound"))}, CONTEXT)
        for number in (1, 2):
            call("/v1/webhooks", {"url": f"http://127.0.0.1:800{number}/x", "types": ["*"]})
        yield made


def conversations(user: str) -> list[str]:
    items = call("/v1/conversations", query={"user_id": user}).json["items"]
    return [item["conversation_id"] for item in items]


def listings() -> dict[str, dict[str, str]]:
    """Each listing that has more than one page here, and what it must be asked with."""
    first, second = conversations("ana")
    return {
        "/v1/conversations": {"user_id": "ana"},
        f"/v1/conversations/{first}/messages": {},
        f"/v1/conversations/{second}/messages": {},
        "/v1/sync": {"user_id": "bo"},
        "/v1/audit": {},
    }


def page(path: str, query: dict[str, str], cursor: str | None = None) -> Answer:
    name = "after" if path == "/v1/events" else "cursor"
    return call(path, query={**query, "limit": "1", **({name: cursor} if cursor else {})})


def test_a_cursor_goes_on_where_its_page_ended_also_after_a_restart(stack: Cloud) -> None:
    for path, query in listings().items():
        first = page(path, query).json

        forget_clients()
        second = page(path, query, first["next_cursor"])

        assert second.status == 200, (path, second.text)
        assert second.json != first


def test_a_cursor_is_refused_by_every_other_listing(stack: Cloud) -> None:
    given = {path: page(path, query).json["next_cursor"] for path, query in listings().items()}
    given["/v1/events"] = page("/v1/events", {}).json["next_cursor"]

    for path in given:
        for other, cursor in given.items():
            if other != path:
                refused = page(path, listings().get(path, {}), cursor)
                assert_problem(refused, 422, "bad_cursor")


def test_it_is_refused_for_another_user(stack: Cloud) -> None:
    listed = page("/v1/conversations", {"user_id": "ana"}).json["next_cursor"]
    synced = page("/v1/sync", {"user_id": "ana"}).json["next_cursor"]

    assert_problem(page("/v1/conversations", {"user_id": "bo"}, listed), 422, "bad_cursor")
    assert_problem(page("/v1/sync", {"user_id": "bo"}, synced), 422, "bad_cursor")
    own = call("/v1/sync", query={"cursor": synced}, user="ana")
    assert own.status == 200, "a service that acts for a user goes on as the user does"


def test_an_empty_one_is_none_of_ours(stack: Cloud) -> None:
    for path, query in listings().items():
        assert_problem(call(path, query={**query, "cursor": ""}), 422, "bad_cursor")
