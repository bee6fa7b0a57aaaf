"""What a client's token does not allow is refused, on connecting and for each frame."""

from __future__ import annotations

from typing import Any

import pytest
from realtime_harness import RealtimeWorld

from chat4all.access.tokens import USER_SCOPES
from chat4all.errors import Forbidden
from chat4all.realtime.access import ACTIONS

pytestmark = pytest.mark.req("RNF-009")
NOWHERE = "00000000-0000-4000-8000-000000000404"


def problem(answers: list[dict[str, Any]]) -> dict[str, Any]:
    [answer] = answers
    found: dict[str, Any] = answer["problem"]
    return found


def a_client(world: RealtimeWorld) -> str:
    """Connected by a token with just what it takes to connect."""
    world.connecting.connect("c-1", "ana|messages:read")
    return "c-1"


def test_whoever_may_not_read_messages_does_not_connect(world: RealtimeWorld) -> None:
    with pytest.raises(Forbidden) as refused:
        world.connecting.connect("c-1", "ana|messages:write conversations users files")

    assert refused.value.code == "insufficient_scope"
    assert refused.value.extra == {"scope": "messages:read"}
    assert world.connections.get("c-1") is None


@pytest.mark.parametrize("action", ["send", "typing", "resume"])
def test_an_action_needs_its_scopes(world: RealtimeWorld, action: str) -> None:
    client = a_client(world)

    refused = problem(world.says(client, action, request_id="7"))

    assert (refused["status"], refused["code"]) == (403, "insufficient_scope")
    assert refused["scope"] == " ".join(sorted(ACTIONS[action].scopes))


def test_scopes_are_looked_at_before_the_frames_form(world: RealtimeWorld) -> None:
    client = a_client(world)

    refused = problem(world.says(client, "send", no_such="field"))
    unknown = problem(world.says(client, "dance"))

    assert refused["code"] == "insufficient_scope"
    assert unknown["code"] == "invalid_request"


def test_a_connection_without_the_scope_to_read_pings_and_no_more(world: RealtimeWorld) -> None:
    client = a_client(world)
    connection = world.connections.get(client)
    assert connection is not None
    world.connections.renew(connection.model_copy(update={"scopes": ("conversations",)}))

    codes = [
        problem(world.says(client, action, conversation_id=NOWHERE, up_to_seq=1))["code"]
        for action in ("read", "ack")
    ]

    assert codes == ["insufficient_scope"] * 2
    assert world.says(client, "ping")[0]["type"] == "pong"


def test_a_new_tokens_scopes_count_from_then_on(world: RealtimeWorld) -> None:
    client = world.connect("ana")
    typing = {"conversation_id": NOWHERE, "request_id": "r"}

    before = problem(world.says(client, "typing", **typing))
    [renewed] = world.says(client, "renew", token="ana|messages:read")
    after = problem(world.says(client, "typing", **typing))

    assert before["code"] == "conversation_not_found"
    assert renewed["type"] == "ok"
    assert after["code"] == "insufficient_scope"


def test_a_token_that_could_not_connect_does_not_renew(world: RealtimeWorld) -> None:
    client = world.connect("ana")
    before = world.connections.get(client)

    refused = problem(world.says(client, "renew", token="ana|conversations"))

    assert refused["code"] == "insufficient_scope"
    assert world.connections.get(client) == before
    assert before is not None and set(before.scopes) == set(USER_SCOPES)
