"""Anything that the OpenAPI document allows, and much that it does not, gets an answer that the
document tells of: no failure of ours, and no status, type or body that is not in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema

from chat4all.adapters.memory.webhooks import MemoryResolver
from chat4all.api.access import ROUTES
from chat4all.bootstrap import webhooks
from http_api.handler import lambda_handler
from tests.cloud import cloud, request
from tests.support.conforming import CONFORMS, bounded, schema_of
from tests.support.matrix import HTTP, Row
from tests.support.matrix_world import MEMBER, OWNER, MatrixWorld
from tests.support.wsgi import Gateway

pytestmark = [pytest.mark.req("RNF-009"), pytest.mark.req("RF-008")]
UNTOLD = {"GET /openapi.json", "GET /docs"}
CALLERS = [None, OWNER]
"""A service, and a user."""
EXAMPLES = 8
"""For each operation, caller and mode."""


@dataclass(frozen=True)
class Described:
    """The API on moto, its document, and what there is."""

    gateway: Gateway
    schema: BaseSchema
    world: MatrixWorld
    ids: Mapping[str, Any]

    def case(self, route: str, row: Row, user: str | None) -> Case:
        """A request that is fine, as the authorisation matrix has it."""
        method, path = route.split()
        me, client = user or OWNER, self.world.client
        ids = {name: self.world.made(what, me) for name, what in row.ids.items()} | {"me": me}
        ids |= {"client_id": client.client_id, "secret": client.client_secret}
        body = row.body(ids)
        return self.schema[path][method].Case(
            path_parameters={n: v for n, v in {**ids, **row.fixed}.items() if f"{{{n}}}" in path},
            query=dict(row.query(ids)),
            **({} if body is None else {"body": body, "media_type": "application/json"}),
        )

    def real(self, case: Case) -> None:
        """Name what there is in the place of what was made up."""
        for named in (case.path_parameters, case.query, case.body):
            if isinstance(named, dict):
                named |= {name: self.ids[name] for name in named.keys() & self.ids.keys()}


@pytest.fixture(scope="module")
def described() -> Iterator[Described]:
    with cloud() as made, patch.object(webhooks, "_resolver", lambda: MemoryResolver({})):
        world = MatrixWorld(made)
        ids = {
            "conversation_id": world.group,
            "message_id": world.message,
            "file_id": world.file,
            "upload_id": world.upload,
            "token": world.link,
            "webhook_id": world.webhook,
            "client_id": world.client.client_id,
            "user_id": MEMBER,
            "members": [OWNER, MEMBER, "cy"],
            "from": OWNER,
            "to": [MEMBER],
        }
        document = request(lambda_handler, "GET", "/openapi.json", public=True).json
        schema = schema_of(document)
        schema.app = Gateway()
        yield Described(schema.app, schema, world, ids)


PROBLEM = '{"title": "t", "status": 500, "code": "c", "detail": "d"}'


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "application/problem+json", PROBLEM),
        (201, "application/json", '{"status": "ok"}'),
        (200, "text/plain", '{"status": "ok"}'),
        (200, "application/json", '{"status": 1}'),
        (404, "application/problem+json", "{}"),
    ],
)
def test_an_answer_that_is_not_as_the_document_says_is_found(
    status: int, kind: str, body: str
) -> None:
    def broken(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response(f"{status} X", [("content-type", kind)])
        return [body.encode()]

    schema = schema_of(request(lambda_handler, "GET", "/openapi.json", public=True).json)
    schema.app = broken

    with pytest.raises(FailureGroup):
        schema["/healthz"]["GET"].Case().call_and_validate(checks=CONFORMS)


def deletes_last(route: str) -> tuple[bool, str]:
    return route.startswith("DELETE"), route


ROUTES_TOLD = sorted(ROUTES.keys() - UNTOLD, key=deletes_last)


@pytest.mark.parametrize("user", CALLERS)
@pytest.mark.parametrize(
    ("route", "row"), [(route, row) for route in ROUTES_TOLD for row in HTTP.get(route, ())]
)
def test_a_request_that_is_fine_is_answered_as_the_document_says(
    described: Described, route: str, row: Row, user: str | None
) -> None:
    described.gateway.user = user
    case = described.case(route, row, user)

    answer = case.call_and_validate(checks=CONFORMS)

    if ROUTES[route].who.name != "SERVICE" or user is None:
        assert answer.status_code == row.answer or answer.status_code < 400


@pytest.mark.parametrize("user", CALLERS)
@pytest.mark.parametrize("route", ROUTES_TOLD)
def test_a_request_that_is_made_up_is_answered_as_the_document_says(
    described: Described, route: str, user: str | None
) -> None:
    described.gateway.user = user
    method, path = route.split()

    for mode in GenerationMode:

        @bounded(EXAMPLES)
        @given(case=described.schema[path][method].as_strategy(mode), real=st.booleans())
        def conforms(case: Case, real: bool) -> None:
            if real:
                described.real(case)
            case.call_and_validate(checks=CONFORMS)

        with suppress(Unsatisfiable):  # nothing is wrong where there is nothing to say
            conforms()
