"""The client of the WebSocket API against a server that cuts, repeats and forgets."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.client.errors import Problem, Stopped
from infra.client.realtime import RealtimeClient
from infra.local.client import wait_until
from tests.support.fake_sockets import FakeSockets, message, serving

QUICK: Any = {"waits": (0.01,), "patience": 0.05}


@pytest.fixture
def fake() -> Iterator[FakeSockets]:
    with serving() as found:
        yield found


def a_client(fake: FakeSockets, **options: Any) -> RealtimeClient:
    numbers = itertools.count(1)
    return RealtimeClient(fake.url, lambda: f"token-{next(numbers)}", **{**QUICK, **options})


def seqs(client: RealtimeClient, count: int) -> list[int]:
    """Of the next so many messages."""
    found = itertools.islice(client.events(patience=5), count)
    return [event["data"]["seq"] for event in found]


def silent(client: RealtimeClient) -> bool:
    return list(client.events(patience=0.1)) == []


def caught_up(fake: FakeSockets, client: RealtimeClient) -> None:
    """Until it was told the cursor."""
    wait_until(lambda: client.cursor, "an answer to its first question")


def test_a_pushed_message_arrives_and_the_token_travels_as_a_subprotocol(fake: FakeSockets) -> None:
    with a_client(fake) as client:
        caught_up(fake, client)

        fake.push(message("c", 1))

        assert seqs(client, 1) == [1]
        assert fake.tokens == ["token-1"]
        assert client.seen == {"c": 1}


def test_messages_that_are_pushed_twice_and_in_any_order_come_once_and_in_order(
    fake: FakeSockets,
) -> None:
    with a_client(fake) as client:
        caught_up(fake, client)

        fake.push(*(message("c", seq) for seq in (2, 2, 3, 1, 1, 4, 3)))

        assert seqs(client, 4) == [1, 2, 3, 4]
        assert silent(client)


def test_what_was_never_pushed_is_asked_for(fake: FakeSockets) -> None:
    fake.accepts(*(message("c", seq) for seq in (6, 7)))
    fake.delivered = 2
    with a_client(fake, seen={"c": 7}) as client:
        caught_up(fake, client)
        fake.accepts(*(message("c", seq) for seq in (8, 9, 10)))

        fake.push(message("c", 10))

        assert seqs(client, 3) == [8, 9, 10]
        assert fake.asked("resume")[-1]["conversations"] == {"c": 7}
        assert silent(client)


def test_a_client_that_knows_nothing_begins_with_what_was_never_delivered(
    fake: FakeSockets,
) -> None:
    fake.accepts(*(message("c", seq) for seq in (1, 2, 3, 4)))
    fake.delivered = 2

    with a_client(fake) as client:
        assert seqs(client, 2) == [3, 4]
        assert client.seen == {"c": 4}
        assert silent(client)


def test_a_conversation_that_is_new_to_the_client_begins_where_the_answer_begins(
    fake: FakeSockets,
) -> None:
    with a_client(fake) as client:
        caught_up(fake, client)
        fake.accepts(*(message("old", seq) for seq in (41, 42, 43)))

        fake.push(message("old", 43), message("old", 42))

        assert seqs(client, 3) == [41, 42, 43]
        assert silent(client)


def test_after_a_cut_it_connects_with_a_new_token_and_has_what_it_missed(fake: FakeSockets) -> None:
    with a_client(fake) as client:
        caught_up(fake, client)
        fake.push(message("c", 1))
        assert seqs(client, 1) == [1]

        fake.accepts(message("c", 1), message("c", 2), message("new", 1))
        fake.cut()

        assert seqs(client, 2) == [2, 1]
        assert client.seen == {"c": 2, "new": 1}
        assert fake.tokens == ["token-1", "token-2"]
        assert silent(client)


def test_more_than_an_answer_holds_is_asked_for_until_all_is_there(fake: FakeSockets) -> None:
    fake.page = 3
    fake.accepts(*(message("c", seq) for seq in range(1, 11)))

    with a_client(fake, seen={"c": 2}) as client:
        assert seqs(client, 8) == [3, 4, 5, 6, 7, 8, 9, 10]
        assert silent(client)


def test_an_answer_that_may_not_be_complete_is_asked_for_again(fake: FakeSockets) -> None:
    fake.incomplete = 2
    fake.accepts(message("c", 1), message("c", 2))

    with a_client(fake, seen={"c": 0}) as client:
        assert seqs(client, 2) == [1, 2]


def test_a_program_that_begins_again_goes_on_where_it_was(fake: FakeSockets) -> None:
    fake.accepts(*(message("c", seq) for seq in range(1, 5)))
    with a_client(fake, cursor="0") as client:
        assert seqs(client, 4) == [1, 2, 3, 4]
        wait_until(lambda: client.cursor == "4", "its cursor to be there")
        seen, cursor = client.seen, client.cursor
    fake.accepts(message("c", 5), message("d", 1))

    with a_client(fake, seen=seen, cursor=cursor) as client:
        assert seqs(client, 2) == [5, 1]
        assert fake.asked("resume")[-1]["cursor"] == "4"


def test_a_cursor_that_is_refused_is_given_up_for_the_seqs(fake: FakeSockets) -> None:
    fake.problems["resume"] = {"status": 422, "code": "bad_cursor"}
    fake.accepts(*(message("c", seq) for seq in range(1, 4)))

    with a_client(fake, seen={"c": 1}, cursor="1") as client:
        assert seqs(client, 2) == [2, 3]


def test_who_resumes_too_often_keeps_the_cursor_and_asks_when_told_to(fake: FakeSockets) -> None:
    fake.problems["resume"] = {"status": 429, "code": "rate_limited", "retry_after": 1}
    fake.accepts(*(message("c", seq) for seq in range(1, 4)))

    with a_client(fake, seen={"c": 1}, cursor="1") as client:
        began = time.monotonic()
        assert seqs(client, 2) == [2, 3]
        assert time.monotonic() - began >= 0.9

    assert [frame.get("cursor") for frame in fake.asked("resume")] == ["1", "1"]


def test_other_events_come_once_by_their_id(fake: FakeSockets) -> None:
    read = {"id": "r-1", "type": "conversation.read", "data": {"conversation_id": "c"}}
    with a_client(fake) as client:
        caught_up(fake, client)

        fake.push(read, read, {**read, "id": "r-2"})

        found = list(itertools.islice(client.events(patience=5), 2))
        assert [event["id"] for event in found] == ["r-1", "r-2"]
        assert silent(client)


def test_actions_are_answered(fake: FakeSockets) -> None:
    with a_client(fake) as client:
        sent = client.send("c", {"type": "text", "text": "hello"})
        client.ack("c", 3)
        client.read("c", 4)
        client.typing("c")
        client.renew()

        assert client.ping()["type"] == "pong"
        assert fake.asked("send")[0]["message"]["message_id"] == sent
        assert (fake.asked("ack")[0]["up_to_seq"], fake.asked("read")[0]["up_to_seq"]) == (3, 4)
        assert fake.asked("typing")[0]["typing"] is True
        assert fake.asked("renew")[0]["token"] == "token-2"


def test_a_send_whose_line_is_cut_is_sent_again_under_the_same_id(fake: FakeSockets) -> None:
    fake.deaf.add("send")
    with a_client(fake) as client:
        sent = client.send("c", {"type": "text", "text": "hello"})

        ids = [frame["message"]["message_id"] for frame in fake.asked("send")]
        assert ids == [sent, sent]


def test_a_refused_action_says_why(fake: FakeSockets) -> None:
    fake.problems["send"] = {"status": 403, "code": "sender_not_member", "detail": "Not yours."}
    with a_client(fake) as client, pytest.raises(Problem, match="Not yours") as refusal:
        client.send("c", {"type": "text", "text": "hello"})

    assert refusal.value.code == "sender_not_member"


def test_a_handshake_that_is_refused_again_and_again_is_a_problem(fake: FakeSockets) -> None:
    fake.refuses += [401, 401, 401]
    with a_client(fake) as client, pytest.raises(Problem) as refusal:
        list(client.events())

    assert refusal.value.status == 401
    assert fake.tokens == ["token-1", "token-2", "token-3"]


def test_a_server_that_is_busy_is_tried_until_it_is_not(fake: FakeSockets) -> None:
    fake.refuses += [503, 429, 503, 500]
    with a_client(fake) as client:
        client.wait_connected(5)

        assert len(fake.tokens) == 5


def test_it_shows_that_it_lives(fake: FakeSockets) -> None:
    with a_client(fake, beat=0.05) as client:
        client.wait_connected(5)

        wait_until(lambda: len(fake.asked("ping")) >= 3, "signs of life")


def test_who_listens_is_told_that_it_was_closed(fake: FakeSockets) -> None:
    with a_client(fake) as client:
        client.wait_connected(5)

    with pytest.raises(Stopped):
        list(client.events())
