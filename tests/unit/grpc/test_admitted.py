"""Who gets as far as an operation, by a real client and the real server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import pytest

from chat4all.access.limits import Limits
from chat4all.access.tokens import Verified
from chat4all.bootstrap import access
from chat4all.errors import TooMany
from grpc_front import admission, services
from grpc_front.generated.chat4all.v1.messages_pb2 import MessagesSendRequest
from tests.support.forging import altered
from tests.support.grpc_server import Answered, Client, serving
from tests.support.matrix_world import MatrixWorld

pytestmark = pytest.mark.req("RF-008")
NO_UUID = "00000000-0000-4000-8000-000000000404"


def a_text(world: MatrixWorld, **fields: Any) -> dict[str, Any]:
    payload = {"text": {"text": "hi"}}
    return {"conversation_id": world.group, "sender": "ana", "payload": payload, **fields}


def limited(world: MatrixWorld, user: str, rpm: int) -> str:
    return altered(world.user_token(user), rpm=rpm)


def test_a_token_is_issued_for_credentials_and_for_a_refresh_token(
    world: MatrixWorld, server: Client
) -> None:
    own = {"client_id": world.client.client_id, "client_secret": world.client.client_secret}

    token = server.call("Auth/IssueToken", client_credentials={**own, "scopes": ["users"]})
    bearer = server.call("Auth/IssueToken", client_credentials=own).message.token.access_token
    users = server.call("Auth/IssueUserToken", bearer=bearer, user_id="ana", refresh=True)
    again = server.call("Auth/IssueToken", refresh_token=users.message.token.refresh_token)
    revoked = server.call("Auth/RevokeToken", token=again.message.token.refresh_token)
    over = server.call("Auth/IssueToken", refresh_token=again.message.token.refresh_token)

    assert token.message.token.scopes == ["users"]
    assert again.message.token.access_token
    assert revoked.code is grpc.StatusCode.OK
    assert (over.http_status, over.reason) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "invalid_request"),
        ({"client_credentials": {}}, "invalid_request"),
        ({"client_credentials": {"client_id": "c4a_0", "client_secret": "x"}}, "invalid_client"),
        ({"refresh_token": ""}, "invalid_grant"),
    ],
)
def test_what_is_no_grant_is_refused(server: Client, asked: Mapping[str, Any], code: str) -> None:
    assert server.call("Auth/IssueToken", **asked).reason == code


@pytest.mark.parametrize(
    "metadata",
    [
        [("authorization", "Basic x")],
        [("authorization", "Bearer ")],
        [("authorization", "")],
        [("authorization", "Bearer good"), ("authorization", "Bearer good")],
    ],
)
def test_a_call_has_one_bearer_token(
    world: MatrixWorld, server: Client, metadata: list[tuple[str, str]]
) -> None:
    sent = [(name, value.replace("good", world.service())) for name, value in metadata]

    refused = server.call("Users/Get", sent=sent, user_id="ana")

    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "invalid_token")


def test_what_is_no_message_is_refused_once_it_is_known_who_asks(
    world: MatrixWorld, server: Client
) -> None:
    rubbish = b"\xff\xff\xff"

    for_nobody = server.call("Users/Get", rubbish)
    for_somebody = server.call("Users/Get", rubbish, bearer=world.service())

    assert for_nobody.reason == "invalid_token"
    assert (for_somebody.code, for_somebody.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "bad_message",
    )


def test_what_nests_too_deep_is_no_message(world: MatrixWorld, server: Client) -> None:
    """protobuf itself goes 100 deep, and no deeper."""
    request = MessagesSendRequest()
    value = request.message.metadata.fields["a"]
    for _ in range(60):
        value = value.struct_value.fields["a"]

    refused = server.call("Messages/Send", request, bearer=world.service())

    assert (refused.http_status, refused.reason) == (400, "bad_message")


def test_a_limited_caller_is_told_what_is_left(
    world: MatrixWorld, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = Limits(access.DynamoAllowanceStore(access.table()), StoppedClock())
    monkeypatch.setattr("chat4all.api.admission.limits", lambda: stopped)
    token = limited(world, "ana", 3)

    def say(count: int = 1) -> Answered:
        new = a_text(world)
        return server.call("Messages/SendBatch", bearer=token, messages=[new] * count)

    rubbish = server.call("Messages/Send", b"\xff", bearer=token)
    one, read = say(), server.call("Users/Get", bearer=token, user_id="ana")
    two, refused = say(2), say()

    assert "ratelimit-remaining" not in rubbish.trailers
    assert "ratelimit-remaining" not in read.trailers
    assert [done.trailers["ratelimit-remaining"] for done in (one, two)] == ["2", "0"]
    assert (refused.code, refused.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "rate_limited",
    )
    assert refused.details["RetryInfo"].retry_delay.seconds == 40
    assert refused.trailers["ratelimit-remaining"] == "0"


class StoppedClock:
    """20 seconds into a minute."""

    def now(self) -> int:
        return 29_333_333 * 60_000 + 20_000


def test_a_token_is_looked_at_once_and_ends_all_the_same(world: MatrixWorld) -> None:
    now = [1000.0]
    known = admission.KnownTokens(lambda: now[0])
    caller = Verified(admission.verify(world.service()).caller, expires_at=1200)

    known.add("a token", caller)
    kept = known.get("a token")
    now[0] = 1200

    assert kept == caller
    assert known.get("a token") is None


def test_a_token_is_looked_at_again_after_five_minutes(world: MatrixWorld) -> None:
    now = [1000.0]
    known = admission.KnownTokens(lambda: now[0])

    known.add("a token", Verified(admission.verify(world.service()).caller, expires_at=9000))
    now[0] += admission.KEPT_S

    assert known.get("a token") is None


def test_so_many_tokens_are_kept_and_not_more(
    world: MatrixWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MAX_TOKENS", 2)
    known = admission.KnownTokens()
    caller = admission.verify(world.service())
    for token in ("a", "b"):
        known.add(token, caller)
    known.get("a")

    known.add("c", caller)

    assert [known.get(token) is None for token in "abc"] == [False, True, False]


class Peer:
    """What admission asks of a call."""

    def __init__(self, peer: str, *forwarded: str) -> None:
        self._peer, self._forwarded = peer, forwarded

    def peer(self) -> str:
        return self._peer

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("x-forwarded-for", value) for value in self._forwarded]


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:203.0.113.7:50123", "203.0.113.7"),
        ("ipv6:%5B2001:db8::1%5D:50123", "2001:db8::1"),
        ("ipv6:[2001:db8::1]:50123", "2001:db8::1"),
        ("unix:/tmp/x", ""),
    ],
)
def test_the_address_is_the_peers(peer: str, address: str) -> None:
    assert admission.address_of(Peer(peer, "198.51.100.1")) == address  # type: ignore[arg-type]


def test_behind_a_balancer_it_is_what_the_balancer_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUST_FORWARDED_FOR", "1")
    call = Peer("ipv4:10.0.0.1:50123", "6.6.6.6", "1.1.1.1, 203.0.113.7")

    assert admission.address_of(call) == "203.0.113.7"  # type: ignore[arg-type]


def test_an_erasure_is_on_record_with_its_address(world: MatrixWorld, server: Client) -> None:
    user = world.fresh_user()

    server.call("Users/Erase", bearer=world.service(), user_id=user)
    trail = server.call("Audit/List", bearer=world.service(), target=user)

    assert {record.address for record in trail.message.records} == {"127.0.0.1"}


def test_without_a_token_so_many_ask_in_a_second() -> None:
    now = [0.0]
    bucket = admission.Bucket(2, lambda: now[0])
    bucket.take()
    bucket.take()

    with pytest.raises(TooMany, match="rate_limited"):
        bucket.take()
    now[0] = 0.5
    bucket.take()
    with pytest.raises(TooMany):
        bucket.take()


def test_a_flood_without_a_token_is_held_back(
    monkeypatch: pytest.MonkeyPatch, world: MatrixWorld
) -> None:
    monkeypatch.setattr(services, "Bucket", lambda: admission.Bucket(3, lambda: 0.0))
    with serving() as client:
        answers = [client.call("Auth/GetKeys") for _ in range(4)]

    assert [answer.reason for answer in answers] == ["", "", "", "rate_limited"]
