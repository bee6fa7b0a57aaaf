"""What every route needs of the request: who asks, and where a listing goes on."""

from __future__ import annotations

import time
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unauthenticated
from chat4all.ids import ConversationId, MessageId, UserId

UserIdPath = Annotated[UserId, Path()]
MessageIdPath = Annotated[MessageId, Path()]
ConversationIdPath = Annotated[ConversationId, Path()]
Limit = Annotated[int, Query(ge=1, le=100)]
CursorQuery = Annotated[str | None, Query(max_length=512)]


def caller(router: Router) -> Caller:
    """Who asks, as the authorizer found. Its answer is cached by the gateway for longer than a
    token may have left, so the expiry is looked at once more."""
    context = router.current_event.raw_event["requestContext"]["authorizer"]["lambda"]
    if int(context["expires_at"]) <= time.time():
        raise Unauthenticated("invalid_token", "The token has expired.")
    return Caller(
        subject=context["subject"],
        kind=CallerKind(context["kind"]),
        scopes=frozenset(context["scopes"].split()),
    )
