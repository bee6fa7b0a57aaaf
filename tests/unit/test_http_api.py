"""The API, called as API Gateway calls it: every route does what it says."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from chat4all.delivery import ToRoute
from tests.cloud import Answer, Cloud, cloud, request

pytestmark = pytest.mark.req("RF-008")


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: object = None, **more) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def a_user(name: str | None = None, **fields) -> str:
    user_id = f"user-{uuid4().hex[:8]}"
    assert call("PUT", f"/v1/users/{user_id}", {"name": name, **fields}).status == 200
    return user_id


def a_conversation(*members: str) -> str:
    kind = "private" if len(members) == 2 else "group"
    answer = call("POST", "/v1/conversations", {"type": kind, "members": list(members)})
    assert answer.status == 201
    return answer.json["conversation_id"]


def a_talk(words: int = 0) -> tuple[str, str, str, list[str]]:
    """Ana and Bo, their conversation, and so many routed messages of Ana's."""
    ana, bo = a_user("Ana"), a_user("Bo")
    conversation = a_conversation(ana, bo)
    ids = [send(conversation, ana, f"words {n + 1}") for n in range(words)]
    return ana, bo, conversation, ids


def send(conversation: str, sender: str, words: str = "hi", **fields) -> str:
    from chat4all.bootstrap.chat import routing

    body = {
        "conversation_id": conversation,
        "from": sender,
        "payload": {"type": "text", "text": words},
        **fields,
    }
    answer = call("POST", "/v1/messages", body)
    assert answer.status == 202, answer.text
    message_id = answer.json["message_id"]
    wanted = ToRoute(message_id=message_id, conversation_id=conversation)
    assert routing().route([wanted]).failed == []
    return message_id


def test_it_says_that_it_is_well(stack: Cloud) -> None:
    assert call("GET", "/healthz").json == {"status": "ok"}


def test_a_user_is_put_and_shown(stack: Cloud) -> None:
    number = uuid4().hex[:8]
    identity = {"channel": "whatsapp", "address": number, "account": None}

    user = a_user("Bo", identities=[{"channel": "whatsapp", "address": number}])
    shown = call("GET", f"/v1/users/{user}", user=user)

    assert shown.status == 200
    assert (shown.json["user_id"], shown.json["name"]) == (user, "Bo")
    assert shown.json["identities"] == [identity]
    assert shown.json["created_at"].endswith("Z")


def test_a_pair_opens_its_conversation_once(stack: Cloud) -> None:
    ana, bo = a_user(), a_user()
    body = {"type": "private", "members": [ana, bo], "metadata": {"topic": "x"}}

    first = call("POST", "/v1/conversations", body, user=ana)
    again = call("POST", "/v1/conversations", body, user=bo)

    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert first.json["members"] == sorted([ana, bo])
    assert first.json["metadata"] == {"topic": "x"}


def test_an_idempotency_key_opens_one_group(stack: Cloud) -> None:
    body = {"type": "group", "members": [a_user() for _ in range(3)]}

    answers = [
        call("POST", "/v1/conversations", body, headers={"idempotency-key": "k-1"})
        for _ in range(2)
    ]

    assert [a.status for a in answers] == [201, 200]
    assert len({a.json["conversation_id"] for a in answers}) == 1


@pytest.mark.req("RF-002")
def test_a_message_is_accepted_and_queued(stack: Cloud) -> None:
    ana, bo, conversation, _ = a_talk()
    stack.received("inbound")
    body = {
        "message_id": str(uuid4()),
        "conversation_id": conversation,
        "payload": {"type": "text", "text": "hello"},
        "metadata": {"priority": "high"},
    }

    first = call("POST", "/v1/messages", body, user=ana)
    again = call("POST", "/v1/messages", body, user=ana)

    accepted = {"status": "accepted", "message_id": body["message_id"]}
    assert [(a.status, a.json) for a in (first, again)] == [(202, accepted)] * 2
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert stack.received("inbound") == [
        {
            "message_id": body["message_id"],
            "conversation_id": conversation,
            "concerns": [bo],
        }
    ]


def test_a_batch_answers_each(stack: Cloud) -> None:
    ana, _, conversation, _ = a_talk()
    good = {"conversation_id": conversation, "from": ana, "payload": {"type": "text", "text": "x"}}
    bad = [{**good, "payload": {"type": "text", "text": ""}}, {**good, "from": "eve"}, 7]

    answer = call("POST", "/v1/messages/batch", {"messages": [good, *bad, good]})

    items = answer.json["items"]
    assert answer.status == 200
    assert [i["status"] for i in items] == ["accepted", *["rejected"] * 3, "accepted"]
    codes = [i["error"]["code"] for i in items[1:4]]
    assert codes == ["invalid_request", "sender_not_member", "invalid_request"]


@pytest.mark.req("RF-006")
def test_a_message_shows_where_it_stands(stack: Cloud) -> None:
    ana, bo, conversation, [message_id] = a_talk(1)
    call("GET", f"/v1/conversations/{conversation}/messages", user=bo)

    shown = call("GET", f"/v1/messages/{message_id}", user=ana).json

    assert (shown["seq"], shown["status"], shown["from"]) == (1, "DELIVERED", ana)
    assert shown["recipients"] == [{"user_id": bo, "status": "DELIVERED"}]
    assert shown["counts"]["delivered"] == 1
    [delivery] = shown["deliveries"]
    assert (delivery["channel"], delivery["status"]) == ("app", "DELIVERED")
    assert delivery["sent_at"] and delivery["delivered_at"]
    assert delivery["read_at"] is None


def test_a_message_that_cannot_be_delivered_says_why(stack: Cloud) -> None:
    ana, _, conversation, _ = a_talk()
    message_id = send(conversation, ana, channels=["whatsapp"])

    shown = call("GET", f"/v1/messages/{message_id}").json

    assert shown["status"] == "FAILED"
    assert shown["deliveries"][0]["failure"]["code"] == "no_identity"


def test_history_goes_both_ways_by_cursors(stack: Cloud) -> None:
    _, _, conversation, ids = a_talk(7)
    path = f"/v1/conversations/{conversation}/messages"

    def walk(**query: str) -> list[list[int]]:
        found = []
        while True:
            page = call("GET", path, query=query).json
            found.append([item["seq"] for item in page["items"]])
            if page["next_cursor"] is None:
                return found
            query = {"limit": query["limit"], "cursor": page["next_cursor"]}

    assert walk(limit="3") == [[1, 2, 3], [4, 5, 6], [7]]
    assert walk(limit="3", before="8") == [[5, 6, 7], [2, 3, 4], [1]]
    assert walk(limit="2", since="2", before="6") == [[3, 4], [5]]
    first = call("GET", path).json["items"][0]
    assert (first["message_id"], first["payload"]["text"]) == (ids[0], "words 1")


@pytest.mark.req("RF-001")
def test_members_join_read_and_leave(stack: Cloud) -> None:
    people = [a_user() for _ in range(4)]
    group = a_conversation(*people[:3])
    path = f"/v1/conversations/{group}"

    joined = call("POST", f"{path}/members", {"user_id": people[3]})
    send(group, people[0])
    read = call("POST", f"{path}/read", {"up_to_seq": 1}, user=people[3])
    shown = call("GET", path, user=people[3])
    left = call("DELETE", f"{path}/members/{people[3]}", user=people[3])
    gone = call("GET", path, user=people[3])

    assert (joined.status, joined.json["members"]) == (201, sorted(people))
    assert read.json == {"user_id": people[3], "delivered_seq": 1, "read_seq": 1}
    assert shown.json["last_seq"] == 1
    assert len(shown.json["watermarks"]) == 4
    assert (left.status, left.text) == (204, "")
    assert gone.status == 404


def test_conversations_are_listed_with_what_is_unread(stack: Cloud) -> None:
    ana, bo, conversation, _ = a_talk(2)
    others = [a_conversation(bo, a_user()) for _ in range(2)]
    send(conversation, ana, "the last one")

    first = call("GET", "/v1/conversations", user=bo, query={"limit": "1"}).json
    rest = call("GET", "/v1/conversations", query={"user_id": bo, "cursor": first["next_cursor"]})

    [entry] = first["items"]
    assert entry["conversation_id"] == conversation
    assert (entry["unread_count"], entry["last_seq"]) == (3, 3)
    assert entry["last_message"]["payload"]["text"] == "the last one"
    assert {i["conversation_id"] for i in rest.json["items"]} == set(others)
    assert rest.json["next_cursor"] is None
