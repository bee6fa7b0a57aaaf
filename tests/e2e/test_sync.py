"""A device that was away asks once and has everything new, whatever the conversation."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.client import Api, wait_until
from tests.e2e.conftest import People, over_both_doors

pytestmark = over_both_doors


class Phone:
    """What it has, by the answers it got."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.cursor: str | None = None
        self.messages: dict[str, list[Any]] = {}
        self.statuses: dict[str, str] = {}
        self.pages = 0

    def sync(self, limit: int = 50) -> None:
        """Page by page, until there is no more."""
        more = True
        while more:
            query: dict[str, Any] = {"limit": limit}
            if self.cursor is not None:
                query["cursor"] = self.cursor
            page = self.api.ok("GET", "/v1/sync", params=query)
            for found in page["conversations"]:
                self.messages.setdefault(found["conversation_id"], []).extend(found["messages"])
                self.statuses |= {s["message_id"]: s["status"] for s in found["statuses"]}
            self.cursor, more = page["next_cursor"], page["has_more"]
            self.pages += 1

    def seqs(self, conversation: str) -> list[int]:
        return [message["seq"] for message in self.messages.get(conversation, [])]

    def caught_up(self, **wanted: int) -> bool:
        """Whether it has so many messages of each conversation by now."""
        self.sync()
        return all(len(self.seqs(conversation)) >= n for conversation, n in wanted.items())


@pytest.mark.req("RF-005")
def test_what_is_new_in_every_conversation_comes_by_pages_once_and_in_order(
    api: Api, people: People
) -> None:
    (bo, _) = people.on()
    friends = [people.on()[0] for _ in range(4)]
    conversations = [api.conversation(bo, friend) for friend in friends]
    for n in range(7):
        for conversation, friend in zip(conversations, friends, strict=True):
            last = api.send(conversation, friend, f"{n}")
    wait_until(lambda: api.message(last)["seq"], "the last one's place")
    phone = Phone(api.as_user(bo))

    phone.sync(limit=5)
    wait_until(lambda: phone.caught_up(**dict.fromkeys(conversations, 7)), "all of them")

    assert phone.pages >= 6
    for conversation in conversations:
        assert phone.seqs(conversation) == [1, 2, 3, 4, 5, 6, 7]
    assert api.message(last)["status"] == "DELIVERED"


@pytest.mark.req("RF-005")
def test_the_next_time_only_what_happened_since_comes(api: Api, people: People) -> None:
    (ana, _), (bo, _), (caio, _) = people.on(), people.on(), people.on()
    old = api.conversation(ana, bo)
    api.send(old, ana, "before")
    phone = Phone(api.as_user(bo))
    wait_until(lambda: phone.caught_up(**{old: 1}), "the first one")
    again = Phone(phone.api)
    again.cursor = phone.cursor

    again.sync()
    assert again.messages.get(old, []) == []
    own = phone.api.send(old, bo, "mine")
    new = api.conversation(bo, caio)
    api.send(new, caio, "hello")
    wait_until(lambda: again.caught_up(**{old: 1, new: 1}), "what came since")

    assert (again.seqs(old), again.seqs(new)) == ([2], [1])
    assert again.messages[old][0]["message_id"] == own


def test_a_service_says_for_whom_it_asks(api: Api, people: People) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    sent = api.send(api.conversation(ana, bo), ana, "hello")
    wait_until(lambda: api.message(sent)["seq"], "its place")

    def found() -> list[Any]:
        page = api.ok("GET", "/v1/sync", params={"user_id": bo})
        return [m["message_id"] for c in page["conversations"] for m in c["messages"]]

    wait_until(lambda: found() == [sent], "the message")
    assert api.message(sent)["status"] == "SENT"  # a service delivers nothing
    refused = api.call("GET", "/v1/sync", params={"user_id": bo, "cursor": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_cursor")
