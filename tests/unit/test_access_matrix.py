"""Who gets in where: all cells of the matrix of operations and callers.

Tokens are issued by the API and signed by the key, whatever they say; the authorizer decides on
them, and what it passes on reaches the API's handler. The gRPC front verifies them itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.access.rules import Rule, Who
from chat4all.access.tokens import SCOPES, USER_SCOPES
from chat4all.adapters.memory.webhooks import MemoryResolver
from chat4all.api.access import ROUTES
from chat4all.bootstrap import realtime, webhooks
from grpc_front.streams import Streams
from tests.cloud import cloud
from tests.support.doors import Door, Seen, SocketDoor, open_routes, provider_routes
from tests.support.forging import BAD_TOKENS
from tests.support.grpc_door import GrpcDoor, NoStreams
from tests.support.grpc_server import serving
from tests.support.matrix import COLUMNS, DOORS, Row
from tests.support.matrix_world import (
    LEFT,
    MEMBER,
    NO_UUID,
    NOWHERE,
    OWNER,
    STRANGER,
    MatrixWorld,
)
from tests.support.stream_door import GrpcStreamDoor

pytestmark = pytest.mark.req("RNF-009")
PEOPLE = {"stranger": STRANGER, "member who left": LEFT, "owner": OWNER, "member": MEMBER}
CELLS = [
    pytest.param(door, rows, operation, column, id=f"{door.name} {operation} × {column}")
    for door, rows in DOORS
    for operation in sorted(door.operations | set(door.rules) | set(rows))
    for column in COLUMNS
]


@pytest.fixture(scope="module")
def world() -> Iterator[MatrixWorld]:
    [sockets] = [door.sockets for door, _ in DOORS if isinstance(door, SocketDoor)]
    with (
        cloud() as stack,
        serving(NoStreams) as client,
        serving(Streams) as streaming,
        pytest.MonkeyPatch.context() as patch,
    ):
        for door, _ in DOORS:
            if isinstance(door, GrpcDoor):
                door.client = client
            if isinstance(door, GrpcStreamDoor):
                door.client = streaming
        patch.setattr(webhooks, "_resolver", lambda: MemoryResolver({}))
        patch.setattr(realtime, "sockets", lambda: sockets)
        webhooks.webhooks.cache_clear()
        yield MatrixWorld(stack)


@pytest.mark.parametrize(("door", "table", "operation", "column"), CELLS)
def test_a_cell(
    world: MatrixWorld, door: Door, table: dict[str, tuple[Row, ...]], operation: str, column: str
) -> None:
    assert operation in table, "it has no row in tests/support/matrix.py"
    assert operation in door.rules, "it has no rule: it is not there"
    assert operation in door.operations, "it has a row or a rule, and is not there"

    for row in table[operation]:
        cell = Cell(world, door, operation, row, door.rules[operation])
        if column in BAD_TOKENS:
            cell.refuses_a_token(column)
        elif column == "missing scope":
            cell.wants_all_scopes()
        elif column == "service":
            cell.serves_a_service()
        else:
            cell.serves_a_user(PEOPLE[column], is_one_of_them=column in ("owner", "member"))


def test_the_gateway_leaves_open_what_is_for_anyone_and_what_verifies_signatures() -> None:
    for_anyone = {route for route, rule in ROUTES.items() if rule.who is Who.ANYONE}

    assert open_routes() == for_anyone
    webhook = "/v1/channels/{channel}/webhook"
    assert provider_routes() == {f"GET {webhook}", f"POST {webhook}"}


def test_what_is_for_anyone_is_little_and_all_else_wants_a_scope() -> None:
    for_anyone = {route.partition(" ")[2] for route, r in ROUTES.items() if r.who is Who.ANYONE}
    without_scope = {route for route, rule in ROUTES.items() if not rule.scopes}

    assert {path for path in for_anyone if path.startswith("/v1")} == set()
    assert for_anyone == {
        "/healthz",
        "/openapi.json",
        "/docs",
        "/.well-known/jwks.json",
        "/auth/token",
        "/auth/revoke",
        "/f/{token}",
    }
    assert {route.partition(" ")[2] for route in without_scope} == for_anyone


class Cell:
    def __init__(
        self, world: MatrixWorld, door: Door, operation: str, row: Row, rule: Rule
    ) -> None:
        self.world, self.door, self.operation = world, door, operation
        self.row, self.rule = row, rule

    def refuses_a_token(self, column: str) -> None:
        token = self.world.bad(column, self.rule)
        if self.rule.who is Who.ANYONE:
            self.is_fine(self.ask(token, OWNER, self.ids(OWNER)))
        else:
            seen = self.ask(token, OWNER, self.nowhere())
            assert (seen.status, seen.code) == self.door.refusal(column), seen

    def wants_all_scopes(self) -> None:
        """Without one of them nobody gets in, nor learns what is wrong with what they ask."""
        if self.rule.who is Who.ANYONE:
            return
        needed = self.rule.scopes | self.door.least
        for lacking in sorted(needed):
            for token, me in self.admitted(lacking):
                seen = self.ask(token, me, self.nowhere(), body={"no": "such body"})
                assert (seen.status, seen.code) == (403, "insufficient_scope"), seen
                least = self.door.least
                self.says_which(seen, least if lacking in least else self.rule.scopes)
        for token, me in self.admitted("", just=needed):
            seen = self.ask(token, me, self.ids(me))
            self.is_fine(seen)

    def serves_a_service(self) -> None:
        seen = self.ask(self.world.service(), OWNER, self.ids(OWNER))

        if self.rule.who is Who.USER:
            assert (seen.status, seen.code) == (403, "user_only"), seen
        else:
            self.is_fine(seen)

    def serves_a_user(self, me: str, *, is_one_of_them: bool) -> None:
        token = self.world.user_token(me)
        ids = self.ids(me)
        seen = self.ask(token, me, ids)

        if self.rule.who is Who.SERVICE:
            assert (seen.status, seen.code) == (403, "service_only"), seen
        elif self.rule.who is Who.ANYONE or not self.theirs():
            self.is_fine(seen)
        elif not is_one_of_them:
            assert seen.status == self.row.stranger, seen
        elif me == MEMBER and self.row.member is not None:
            assert seen.status == self.row.member, seen
        else:
            self.is_fine(seen)
        if not is_one_of_them and self.rule.who is not Who.ANYONE:
            for name in self.theirs():
                other = {**ids, name: self.nowhere()[name]}
                assert without(self.ask(token, me, other), other) == without(seen, ids), name

    def theirs(self) -> list[str]:
        """The ids of the row that name what is not the caller's own."""
        return [name for name, of in self.row.ids.items() if of not in ("me", "mine")]

    def ids(self, me: str) -> dict[str, str]:
        made = {name: self.world.made(of, me) for name, of in self.row.ids.items()}
        return {**made, **self.row.fixed, "me": me}

    def nowhere(self) -> dict[str, str]:
        """Ids that nothing has."""
        made = {name: NOWHERE.get(name, NO_UUID) for name in self.row.ids}
        return {**made, **self.row.fixed, "me": OWNER}

    def ask(self, token: str | None, me: str, ids: dict[str, str], **more: Any) -> Seen:
        said = {
            "client_id": self.world.client.client_id,
            "secret": self.world.client.client_secret,
            "my_token": token or "",
        }
        body = more["body"] if "body" in more else self.row.body({**said, **ids})
        return self.door.ask(self.operation, token, ids, body, self.row.query(ids))

    def admitted(self, lacking: str, just: frozenset[str] | None = None) -> list[tuple[str, str]]:
        """A token of each kind of caller that the rule is for, without a scope."""
        found = []
        if self.rule.who in (Who.CALLER, Who.SERVICE):
            scopes = (frozenset(SCOPES) if just is None else just) - {lacking}
            found.append((self.world.service(scopes), OWNER))
        if self.rule.who in (Who.CALLER, Who.USER):
            scopes = (frozenset(USER_SCOPES) if just is None else just) - {lacking}
            found.append((self.world.user_token(OWNER, scopes), OWNER))
        return found

    def is_fine(self, seen: Seen) -> None:
        if self.row.answer is None:
            assert seen.fine, seen
            assert self.row.says in seen.text
        else:
            assert seen.status == self.row.answer, seen

    def says_which(self, seen: Seen, needed: frozenset[str]) -> None:
        """What to come back with; also in the header, where there is one (RFC 6750, 3.1)."""
        scope = " ".join(sorted(needed))
        assert f'"scope":"{scope}"' in seen.text.replace('": ', '":')
        if seen.headers:
            told = seen.headers["www-authenticate"]
            assert told == f'Bearer error="insufficient_scope", scope="{scope}"'


def without(seen: Seen, ids: dict[str, str]) -> Seen:
    """What came back, but for the ids that were asked for: an answer may repeat them."""
    text = seen.text
    for name, value in ids.items():
        text = text.replace(value, name) if name != "me" else text
    return Seen(seen.status, seen.code, seen.headers, text)
