"""Streams that are cut in the middle, by their client or because their server is gone: what came
and what comes afterwards is everything, once, in order."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from grpc_front.generated.chat4all.v1 import messages_pb2
from infra.local.client import Api, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.grpc_process import another, bugs, kill, start_again
from tests.e2e.webhooks import pages
from tests.support.grpc_json import from_proto, lost
from tests.support.grpc_lines import Line, Response, Subscription, a_text, milliseconds_ago
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RF-008")
LINES = 1_000
UNANSWERED = 100
"""Messages that a sender has under way at most."""


@pytest.fixture
def busy(stack: Addresses, api: Api) -> Api:
    """A client whose users may say a lot."""
    scopes = ["users", "conversations", "messages:read", "messages:write"]
    body = {"name": "busy", "scopes": scopes, "user_requests_per_minute": 100_000}
    made = api.ok("POST", "/v1/clients", body)
    named = {name: made[name] for name in ("client_id", "client_secret")}
    return Api(stack, str(api.ok("POST", "/auth/token", named)["access_token"]))


class Sender:
    """Says its lines on a stream; on the next one again what was not answered, by the same ids."""

    def __init__(self, channel: grpc.Channel, token: str, conversation: str, user: str) -> None:
        self.about = (channel, token)
        self.conversation, self.user = conversation, user
        self.unanswered: dict[str, messages_pb2.NewMessage] = {}
        self.refused: list[Response] = []
        self.connect()

    def connect(self) -> None:
        self.line = Line(*self.about, self._hear)
        for message in list(self.unanswered.values()):
            self.line.send(message)

    def say(self, text: str) -> None:
        wait_until(lambda: len(self.unanswered) < UNANSWERED, "answers")
        message = a_text(self.conversation, self.user, text, str(uuid.uuid4()))
        self.unanswered[message.message_id] = message
        self.line.send(message)

    def _hear(self, response: Response) -> None:
        if response.WhichOneof("frame") == "accepted":
            del self.unanswered[response.accepted.message_id]
        else:
            self.refused.append(response)


class Receiver:
    """Keeps what comes and the last cursor, and has no other memory."""

    def __init__(self, channel: grpc.Channel, token: str) -> None:
        self.about = (channel, token)
        self.heard: list[tuple[int, str]] = []
        self.cursor = ""
        self.connect()

    def connect(self) -> None:
        self.line = Line(*self.about, self._hear)
        self.line.start(self.cursor)

    def _hear(self, response: Response) -> None:
        self.cursor = response.cursor or self.cursor
        if response.event.HasField("message_accepted"):
            said = response.event.message_accepted
            self.heard.append((said.seq, said.payload.text.text))


@pytest.mark.req("RNF-003")
@pytest.mark.req("RNF-005")
def test_a_thousand_messages_come_once_and_in_order_though_both_streams_are_cut_twice(
    stack: Addresses, api: Api, busy: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    sender = Sender(over_grpc.channel, busy.as_user(ana).token, conversation, ana)
    receiver = Receiver(over_grpc.channel, busy.as_user(bo).token)
    texts = [f"line {number}" for number in range(LINES)]

    for text in texts[:333]:
        sender.say(text)
    sender.line.cancel()
    receiver.line.cancel()
    sender.connect()
    receiver.connect()
    for text in texts[333:666]:
        sender.say(text)
    kill(stack)
    ended = {sender.line.ended(), receiver.line.ended()}
    start_again(stack)
    sender.connect()
    receiver.connect()
    for text in texts[666:]:
        sender.say(text)
    wait_until(lambda: not sender.unanswered, "all answers", 60)
    wait_until(lambda: len(receiver.heard) >= LINES, "all of them", 60)
    sender.line.cancel()
    receiver.line.cancel()

    assert ended == {grpc.StatusCode.UNAVAILABLE}
    assert sender.refused == []
    assert receiver.heard == [(number + 1, text) for number, text in enumerate(texts)]
    history = api.history(conversation, limit=100)
    assert [(m["seq"], m["payload"]["text"]) for m in history] == receiver.heard
    assert bugs(stack) == []


def test_two_instances_serve_one_conversation_and_hand_a_stream_over(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People, tmp_path: Path
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    token = api.as_user(bo).token
    with another(stack, tmp_path) as (channel, process):
        sender = Sender(over_grpc.channel, api.token, conversation, ana)
        receiver = Receiver(channel, token)
        for number in range(20):
            sender.say(f"{number}")
        wait_until(lambda: len(receiver.heard) >= 10, "some of them")

        process.stop()
        told = receiver.line.problem()
        receiver.about, receiver.cursor = (over_grpc.channel, token), told["cursor"]
        receiver.connect()
        for number in range(20, 40):
            sender.say(f"{number}")
        wait_until(lambda: len(receiver.heard) >= 40, "all of them")
        sender.line.cancel()
        receiver.line.cancel()

    assert told["code"] == "draining"
    assert receiver.heard == [(number + 1, f"{number}") for number in range(40)]


@pytest.mark.req("RNF-003")
def test_a_subscriber_hears_what_rest_did_once_though_the_server_is_killed(
    stack: Addresses, api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _), (cy, _), (dora, _) = (people.on() for _ in range(4))
    since = milliseconds_ago(1_000)
    talk = api.conversation(ana, bo, cy)

    def subscribed(cursor: str = "") -> Subscription:
        return Subscription(over_grpc.channel, api.token, cursor, since=since, conversation_id=talk)

    with subscribed() as first:
        sent = [api.send(talk, ana, f"{number}") for number in range(10)]
        first.wait_for("message_accepted", 5)
        kill(stack)
        assert first.ended() is grpc.StatusCode.UNAVAILABLE
    sent += [api.send(talk, ana, f"while it is down {number}") for number in range(10)]
    start_again(stack)
    with subscribed(first.cursor) as second:
        sent += [api.send(talk, ana, f"{number}") for number in range(10)]
        api.ok("POST", f"/v1/conversations/{talk}/members", {"user_id": dora})
        second.wait_for("member_joined", user_id=dora)
        api.ok("DELETE", f"/v1/conversations/{talk}/members/{dora}")
        second.wait_for("member_left", user_id=dora)
        wait_until(
            lambda: len(first.events("message_accepted") + second.events("message_accepted")) >= 30,
            "all messages",
        )

    came = [event.id for line in (first, second) for event in line.all_events()]
    assert len(came) == len(set(came))
    seqs = [e.seq for line in (first, second) for e in line.events("message_accepted")]
    assert sorted(seqs) == list(range(1, 31))
    log = wait_until(lambda: logged(api, talk, since, len(came)), "REST's log")
    told = {event.id: event for line in (first, second) for event in line.all_events()}
    assert told.keys() == log.keys()
    differing = [list(lost(event, from_proto(told[event_id]))) for event_id, event in log.items()]
    assert differing == [[]] * len(log)
    later = api.ok("GET", "/v1/events", params={"after": second.cursor, "conversation_id": talk})
    assert later["items"] == []
    before = api.ok("GET", "/v1/events", params={"since": since.ToJsonString(), "limit": 5})
    with subscribed(before["next_cursor"]) as third:
        third.wait_for("member_left", user_id=dora)
    assert not {e.id for e in third.all_events()} & {e["id"] for e in before["items"]}


def logged(api: Api, talk: str, since: Timestamp, count: int) -> dict[str, Any] | None:
    """What REST's log has of it, by id, once it has so many: it is five seconds behind."""
    items, _ = pages(api, None, since=since.ToJsonString(), conversation_id=talk)
    assert len({event["id"] for event in items}) == len(items)
    return {event["id"]: event for event in items} if len(items) >= count else None
