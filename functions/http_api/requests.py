"""What every route needs of the request: who asks, and where a listing goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chat4all.api.requests import MAX_CURSOR, MAX_PAGE
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Invalid, Unauthenticated
from chat4all.ids import ConversationId, MessageId, UserId
from chat4all.tracing import HEADER, carried

UserIdPath = Annotated[UserId, Path()]
MessageIdPath = Annotated[MessageId, Path()]
ConversationIdPath = Annotated[ConversationId, Path()]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
UPPY = "/v1/files/s3/"
CursorQuery = Annotated[str | None, Query(max_length=MAX_CURSOR)]


def no_unknown_query(app: ApiGatewayResolver, following: NextMiddleware) -> Response[Any]:
    """Middleware: a parameter that nobody reads is refused, or a misspelt filter would look as if
    it had filtered. Uppy says more than we read. Raises Invalid."""
    given, path = app.current_event.query_string_parameters or {}, app.current_event.path
    if given and path.startswith("/v1/") and not path.startswith(UPPY):
        known = {field.alias for field in app.context["_route"].dependant.query_params}
        unknown = sorted(set(given) - known)
        if unknown:
            what = f"There is no such parameter: {unknown[0][:64]}."
            raise Invalid("unknown_parameter", what, known=sorted(known))
    return following(app)


def caller(router: Router) -> Caller:
    """Who asks."""
    return caller_of(router.current_event.raw_event)


def caller_of(event: Mapping[str, Any]) -> Caller:
    """Who asks, as the authorizer found. Its answer is cached by the gateway for longer than a
    token may have left, so the expiry is looked at once more.

    Raises:
        Unauthenticated: the token has expired; or the gateway asked nobody, on a route that it
            takes for a public one and we do not.
    """
    found = (event["requestContext"].get("authorizer") or {}).get("lambda")
    if not found:
        raise Unauthenticated("invalid_token", "There is no token.")
    if int(found["expires_at"]) <= time.time():
        raise Unauthenticated("invalid_token", "The token has expired.")
    limit = found.get("requests_per_minute")
    return Caller(
        subject=found["subject"],
        kind=CallerKind(found["kind"]),
        scopes=frozenset(found["scopes"].split()),
        requests_per_minute=int(limit) if limit else None,
        era=int(found.get("era") or 0),
        address=event["requestContext"]["http"]["sourceIp"],
        trace=carried((event.get("headers") or {}).get(HEADER)),
    )
