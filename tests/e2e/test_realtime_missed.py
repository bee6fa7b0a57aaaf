"""Who was away, for however short a time, hears the rest: all of it, once, in order."""

from __future__ import annotations

import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from infra.local import aws
from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import bare, connected, token_of

CUTS = 25
"""Each costs a connection and up to three resumes of the 120 that a user has in a minute."""


@dataclass(frozen=True)
class Table:
    """What the product keeps of a user's connections, to be changed behind its back."""

    stack: Addresses
    user_id: str

    @property
    def _client(self) -> Any:
        return aws.client(self.stack.aws_endpoint_url, "dynamodb")

    def opened(self) -> dict[str, tuple[int, int]]:
        """When each connection came and when its token ends."""
        found = self._client.get_item(TableName=self.stack.table_name, Key=self._key)
        return {
            name.removeprefix("conn#"): (int(value["L"][0]["N"]), int(value["L"][1]["N"]))
            for name, value in found.get("Item", {}).items()
            if name.startswith("conn#")
        }

    def put(self, connection_id: str, connected_at: int, token_expires_at: int) -> None:
        times = [{"N": str(connected_at)}, {"N": str(token_expires_at)}]
        self._client.update_item(
            TableName=self.stack.table_name,
            Key=self._key,
            UpdateExpression="SET #conn = :times",
            ExpressionAttributeNames={"#conn": f"conn#{connection_id}"},
            ExpressionAttributeValues={":times": {"L": times}},
        )

    @property
    def _key(self) -> dict[str, Any]:
        return {"pk": {"S": f"USER#{self.user_id}"}, "sk": {"S": "PRESENCE"}}


@pytest.mark.req("RNF-005")
@pytest.mark.parametrize("by", ["seqs", "cursor"])
def test_cuts_at_any_moment_lose_nothing_repeat_nothing_and_keep_the_order(
    stack: Addresses, api: Api, people: People, by: str
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    sending = threading.Event()
    sending.set()

    with connected(stack, api, bo, waits=(0.05,)) as bos:

        def cutting() -> None:
            chance = random.Random(4)
            for _ in range(CUTS):
                time.sleep(chance.uniform(0.1, 0.5))
                if not sending.is_set():
                    return
                if by == "seqs":
                    bos._resuming.cursor = None
                bos.cut()

        cutter = threading.Thread(target=cutting)
        cutter.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                sent = set(pool.map(lambda n: api.send(conversation, ana, f"{n}"), range(200)))
        finally:
            sending.clear()
            cutter.join()

        came = bos.wait_for("message.accepted", count=200, seconds=90)  # over a minute's end
        assert [event["data"]["seq"] for event in came] == list(range(1, 201))
        assert {event["data"]["message_id"] for event in came} == sent
        assert bos.seen == {conversation: 200}


def test_a_resumed_message_is_the_very_event_that_was_pushed(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation, other = api.conversation(ana, bo), api.conversation(bo, people.on()[0])
    with connected(stack, api, bo) as bos:
        begun = bos.cursor
        for n in range(3):
            api.send(conversation, ana, f"{n}")
        pushed = bos.wait_for("message.accepted", count=3)
    api.send(other, bo, "elsewhere")
    wait_until(lambda: api.history(other), "its place")

    def of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of this conversation; pushes of another one may come between."""
        mine = [e for e in events if e["data"]["conversation_id"] == conversation]
        return [
            {name: event[name] for name in ("id", "type", "timestamp", "data")} for event in mine
        ]

    with bare(stack.sockets_url, token_of(api, bo)) as socket:
        answer, by_seq = socket.answer_and_events("resume", conversations={conversation: 0})
        assert (answer["type"], answer["has_more"]) == ("resumed", False)
        answer, by_cursor = socket.answer_and_events("resume", cursor=begun)

    assert of(by_seq) == of(by_cursor) == of(pushed)
    assert other in {event["data"]["conversation_id"] for event in by_cursor}
    assert answer["cursor"]


def test_a_connection_that_is_gone_is_removed_when_something_is_to_be_pushed(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation, table = api.conversation(ana, bo), Table(stack, bo)
    with connected(stack, api, bo) as bos:
        [(real, (came, ends))] = table.opened().items()
        table.put(uuid.uuid4().hex[:16], came - 600_000, ends)

        api.send(conversation, ana, "hello")

        bos.wait_for("message.accepted")
        wait_until(lambda: list(table.opened()) == [real], "the ghost to be gone")
    wait_until(lambda: not table.opened(), "the real one to be gone too")


def test_a_connection_ends_with_its_token_and_the_next_one_has_what_was_not_pushed(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation, table = api.conversation(ana, bo), Table(stack, bo)
    with connected(stack, api, bo) as bos:
        [(first, (came, _))] = table.opened().items()
        table.put(first, came, came + 1)

        sent = api.send(conversation, ana, "hello")

        bos.wait_for("message.accepted", message_id=sent)
        assert first not in table.opened()
