"""Clients come, go and act. Trigger: the WebSocket API, all routes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.bootstrap.realtime import acting, connecting
from chat4all.errors import Rejected, Unavailable
from chat4all.observability import logger, observed
from chat4all.problems import CONTENT_TYPE, challenge, problem_details, problem_of
from chat4all.realtime.frames import MAX_FRAME_BYTES

PROTOCOL = "chat4all"
BEARER = "bearer."
"""A browser sends no headers of ours, but it offers protocols: `chat4all, bearer.<token>`."""

Answer = dict[str, Any]


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    connection_id = event["requestContext"]["connectionId"]
    match event["requestContext"]["eventType"]:
        case "CONNECT":
            return _connect(connection_id, event)
        case "DISCONNECT":
            return _disconnect(connection_id)
        case _:
            outcome = acting().act(connection_id, _body(event))
            logger().info("frame", connection_id=connection_id, outcome=outcome)
            return {"statusCode": 200}


def _connect(connection_id: str, event: dict[str, Any]) -> Answer:
    """What is refused is logged by its code: the reason may hold parts of a token."""
    offered = _offered(event)
    try:
        connection = connecting().connect(connection_id, _token(event, offered))
    except Rejected as error:
        logger().info("not connected", code=error.code)
        headers = challenge(error)
        if "retry_after" in error.extra:
            headers["retry-after"] = str(error.extra["retry_after"])
        return _refused(problem_of(error), headers)
    except Unavailable as error:
        logger().warning("not connected", reason=str(error))
        return _refused(
            problem_details(503, "unavailable", "Service unavailable", "Connect again.")
        )
    logger().info("connected", connection_id=connection_id, user_id=connection.user_id)
    headers = {"Sec-WebSocket-Protocol": PROTOCOL} if PROTOCOL in offered else {}
    return {"statusCode": 200, "headers": headers}


def _disconnect(connection_id: str) -> Answer:
    try:
        connection = connecting().disconnect(connection_id)
    except Unavailable as error:  # a push finds it gone, or its item expires
        logger().warning("not disconnected", connection_id=connection_id, reason=str(error))
        return {"statusCode": 200}
    user_id = connection.user_id if connection else None
    logger().info("disconnected", connection_id=connection_id, user_id=user_id)
    return {"statusCode": 200}


def _offered(event: dict[str, Any]) -> list[str]:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return [p.strip() for p in str(headers.get("sec-websocket-protocol", "")).split(",")]


def _token(event: dict[str, Any], offered: list[str]) -> str | None:
    by_protocol = [p.removeprefix(BEARER) for p in offered if p.startswith(BEARER)]
    given = (event.get("queryStringParameters") or {}).get("token")
    return by_protocol[0] if by_protocol else given


def _body(event: dict[str, Any]) -> str:
    """What is too large is not decoded: it is refused for its size all the same."""
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded") or len(body) > 2 * MAX_FRAME_BYTES:
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def _refused(problem: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    return {
        "statusCode": problem["status"],
        "headers": {"content-type": CONTENT_TYPE, **(headers or {})},
        "body": json.dumps(problem),
    }
