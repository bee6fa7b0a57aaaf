"""Take providers' callbacks. Trigger: the HTTP API, /v1/channels/{channel}/webhook, public.

The signature is checked before anything else is read; 200 means durably
queued. A provider that gets anything else sends the callback again.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all import facts
from chat4all.bootstrap.chat import connector
from chat4all.bootstrap.parts import queue
from chat4all.delivery import CALLBACKS, bundled
from chat4all.errors import Invalid, Rejected, Unavailable
from chat4all.observability import logger, observed
from chat4all.problems import CONTENT_TYPE, problem_details
from chat4all.strict_transport import strict_transport

MAX_BODY_CHARACTERS = 4 * 1024 * 1024
"""Three million bytes, which is Meta's limit, in base64. Each channel has a limit of its own."""
Answer = dict[str, Any]


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    answer = _answer(event)
    answer["headers"] |= strict_transport(event)
    return answer


def _answer(event: dict[str, Any]) -> Answer:
    channel = str((event.get("pathParameters") or {}).get("channel", ""))
    try:
        if event["requestContext"]["http"]["method"] == "GET":
            text = connector(channel).handshake(event.get("queryStringParameters") or {})
            logger().info("webhook verified", channel=channel)
            return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": text}
        return _receive(channel, event)
    except Rejected as error:
        logger().warning("callback refused", channel=channel, code=error.code)
        return _problem(error.status, error.code, error.title, error.detail)
    except Unavailable as error:
        logger().error("callback not taken", channel=channel, reason=str(error))
        return _problem(503, "unavailable", "Service unavailable", "Send it again.")


def _receive(channel: str, event: dict[str, Any]) -> Answer:
    began = time.time()
    headers = {name.lower(): value for name, value in event["headers"].items()}
    updates = connector(channel).parse(_raw(event), headers)
    if updates:
        queue().send(CALLBACKS, [update.outgoing() for update in bundled(updates)])
    for update in updates:
        facts.callback_queued(update, began)
    if not updates:
        logger().info("nothing to queue", channel=channel)
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "ok"}


def _raw(event: dict[str, Any]) -> bytes:
    """Bounded before anything is done with it: who sent it is not known yet.

    Raises:
        Invalid: it is larger than what any provider sends, or not what the gateway makes of it.
    """
    body = event.get("body") or ""
    if len(body) > MAX_BODY_CHARACTERS:
        raise Invalid("callback_too_large", "No provider sends so much at once.")
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise Invalid("callback_not_json", "The body is no base64.") from error


def _problem(status: int, code: str, title: str, detail: str) -> Answer:
    body = json.dumps(problem_details(status, code, title, detail))
    return {"statusCode": status, "headers": {"content-type": CONTENT_TYPE}, "body": body}
