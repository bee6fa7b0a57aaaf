"""Who is connected hears at once, and nobody hears what is not theirs."""

from __future__ import annotations

import json
import uuid

import pytest
from websockets.exceptions import InvalidHandshake

from infra.client.errors import Problem
from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.browser import opened
from tests.e2e.conftest import People
from tests.e2e.realtime import bare, connected, expired, token_of

PAGE = """<script>
const socket = new WebSocket(%s, %s)
socket.onopen = () => tell('open', socket.protocol)
socket.onclose = event => failed(`closed: ${event.code}`)
socket.onmessage = ({data}) => {
  const event = JSON.parse(data)
  if (event.type === 'message.accepted') tell('message', event.data)
}
</script>"""


@pytest.mark.req("RF-005")
def test_a_message_is_pushed_to_all_members_and_to_the_senders_other_device(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _), (eve, _) = people.on(), people.on(), people.on()
    conversation = api.conversation(ana, bo)
    with (
        connected(stack, api, ana) as phone,
        connected(stack, api, ana) as tablet,
        connected(stack, api, bo) as bos,
        connected(stack, api, eve) as eves,
    ):
        sent = phone.send(conversation, {"type": "text", "text": "Olá 👋"})

        pushes = [d.wait_for("message.accepted")[0] for d in (phone, tablet, bos)]
        for push in pushes:
            data = push["data"]
            assert (data["message_id"], data["seq"], data["from"]) == (sent, 1, ana)
            assert data["payload"] == {"type": "text", "text": "Olá 👋"}
        assert len({push["id"] for push in pushes}) == 1
        assert eves.of("message.accepted") == []


def test_a_token_travels_as_a_subprotocol_or_in_the_query(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _) = people.on()
    token = token_of(api, ana)

    with bare(stack.sockets_url, token) as by_protocol:
        assert by_protocol.connection.subprotocol == "chat4all"
        assert by_protocol.answer("ping")["type"] == "pong"
    with bare(f"{stack.sockets_url}?token={token}") as by_query:
        assert by_query.answer("ping")["type"] == "pong"


@pytest.mark.req("RNF-009")
def test_without_a_users_good_token_nobody_connects(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _) = people.on()
    token = token_of(api, ana)
    tampered = f"{token[:-8]}{'A' * 8}"
    for wrong in (None, "nonsense", tampered, expired(stack, token), api.token):
        with pytest.raises(InvalidHandshake), bare(stack.sockets_url, wrong):
            pass
    with bare(stack.sockets_url, token) as good:
        assert good.answer("ping")["type"] == "pong"


@pytest.mark.req("RF-006")
def test_the_sender_hears_what_becomes_of_a_message_and_nobody_else(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _), (caio, _) = people.on(), people.on("whatsapp"), people.on()
    group = api.conversation(ana, bo, caio)
    with connected(stack, api, ana) as anas, connected(stack, api, caio) as caios:
        sent = anas.send(group, {"type": "text", "text": "hello"})

        for status in ("sent", "delivered", "read"):
            [event] = anas.wait_for(f"message.{status}", message_id=sent)
            assert (event["data"]["user_id"], event["data"]["channel"]) == (bo, "whatsapp")
        caios.wait_for("message.accepted", message_id=sent)
        assert caios.of("message.sent", "message.delivered", "message.read") == []


@pytest.mark.req("RF-006")
def test_an_acknowledged_push_is_delivered_and_a_read_one_is_read(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    with connected(stack, api, ana) as anas, connected(stack, api, bo) as bos:
        sent = anas.send(conversation, {"type": "text", "text": "hello"})
        [event] = bos.wait_for("message.accepted")
        assert api.message(sent)["status"] == "SENT"

        bos.ack(conversation, event["data"]["seq"])
        assert api.message(sent)["status"] == "DELIVERED"
        bos.read(conversation, event["data"]["seq"])

        assert api.message(sent)["status"] == "READ"
        [delivered] = anas.wait_for("conversation.delivered", user_id=bo)
        [read] = anas.wait_for("conversation.read", user_id=bo)
        assert delivered["data"]["up_to_seq"] == read["data"]["up_to_seq"] == 1


def test_typing_and_presence_are_told_to_those_who_share_a_conversation_alone(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _), (eve, _) = people.on(), people.on(), people.on()
    conversation = api.conversation(ana, bo)
    path = f"/v1/users/{bo}/presence"
    with connected(stack, api, ana) as anas, connected(stack, api, eve) as eves:
        with connected(stack, api, bo) as bos:
            anas.wait_for("presence", user_id=bo, status="online")
            assert api.as_user(ana).ok("GET", path)["status"] == "online"
            bos.typing(conversation)
            bos.typing(conversation, False)
            found = anas.wait_for("typing", count=2, user_id=bo, conversation_id=conversation)
            assert sorted(event["data"]["typing"] for event in found) == [False, True]
            assert bos.of("typing") == []

        [gone] = anas.wait_for("presence", user_id=bo, status="offline")
        shown = api.as_user(ana).ok("GET", path)
        assert (shown["status"], shown["last_seen_at"]) == (
            "offline",
            gone["data"]["last_seen_at"],
        )
        refused = api.as_user(eve).call("GET", path)
        assert (refused.status_code, refused.json()["code"]) == (404, "user_not_found")
        assert eves.of("presence", "typing", user_id=bo) == []


@pytest.mark.req("RNF-004")
def test_a_send_by_socket_is_idempotent_and_a_refusal_says_why(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _), (eve, _) = people.on(), people.on(), people.on()
    conversation = api.conversation(ana, bo)
    message_id, payload = str(uuid.uuid4()), {"type": "text", "text": "once"}
    with connected(stack, api, ana) as anas, connected(stack, api, eve) as eves:
        for _ in range(3):
            assert anas.send(conversation, payload, message_id) == message_id
        with pytest.raises(Problem) as taken:
            anas.send(conversation, {"type": "text", "text": "another"}, message_id)
        with pytest.raises(Problem) as foreign:
            eves.send(conversation, payload)

    assert taken.value.code == "message_id_taken"
    assert foreign.value.code == "conversation_not_found"
    wait_until(lambda: api.message(message_id)["seq"], "its place")
    assert [m["message_id"] for m in api.history(conversation)] == [message_id]


def test_what_is_no_action_is_answered_with_a_problem_and_the_line_goes_on(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _) = people.on()
    with bare(stack.sockets_url, token_of(api, ana)) as socket:
        socket.connection.send("no JSON")
        frames = iter(socket.hear, None)  # what happened just before may be pushed first
        assert next(frame for frame in frames if "id" not in frame)["type"] == "error"
        unknown = socket.answer("fly")
        assert unknown["type"] == "error"
        assert unknown["problem"]["status"] in (400, 422)
        assert socket.answer("ping")["type"] == "pong"


def test_a_page_in_a_browser_connects_and_receives(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    protocols = ["chat4all", f"bearer.{token_of(api, bo)}"]
    with opened(PAGE % (json.dumps(stack.sockets_url), json.dumps(protocols)), {}) as page:
        assert page.hears("open") == "chat4all"
        page.answer()

        sent = api.send(conversation, ana, "to a browser")

        data = page.hears("message")
        assert (data["message_id"], data["payload"]["text"]) == (sent, "to a browser")
        page.answer()
