"""Errors as statuses, each with its stable code; docs/errors.md lists them.

Rejected            by its HTTP status, with ErrorInfo(reason=<code>, domain="chat4all")
Unavailable, Raced  UNAVAILABLE
anything else       INTERNAL: a bug of ours
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc import status_pb2

from chat4all.errors import Chat4AllError, Raced, Rejected, Unavailable
from chat4all.observability import log_bug, logger
from chat4all.problems import as_item, problem_details

DOMAIN = "chat4all"
DETAILS = "grpc-status-details-bin"
ENDING_S = 5.0
MAX_MESSAGE = 512
"""Bytes of what is said in words. Trailers have 8 KB in all, and non-ASCII words go three times as
long."""
MAX_LIST = 2048
"""Bytes of a list in ErrorInfo, as JSON; what does not fit is left out."""
MAX_VIOLATIONS = 2048
"""Bytes of the fields that are wrong, all together."""
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    410: grpc.StatusCode.NOT_FOUND,
    413: grpc.StatusCode.INVALID_ARGUMENT,
    415: grpc.StatusCode.INVALID_ARGUMENT,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
"""By what the same refusal is over HTTP."""
_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}
OTHERWISE = {"message_id_taken": grpc.StatusCode.ALREADY_EXISTS}
"""By the error's own code."""
NAMES = {
    "`from`": "`sender`",
    "'ACTIVE' or 'PAUSED'": "WEBHOOK_STATUS_ACTIVE or WEBHOOK_STATUS_PAUSED",
}
"""What REST calls so has another name in the .proto files."""


class BadMessage(Rejected):
    """What was sent cannot be read at all."""

    def __init__(self, detail: str = "This is no message of this method's type.") -> None:
        super().__init__("bad_message", detail)


class DeadlineExceeded(Rejected):
    """The client does not wait any longer, so nothing more is done."""

    status = 504
    title = "Deadline exceeded"

    def __init__(self) -> None:
        detail = "The call's deadline is over. It may have been done."
        super().__init__("deadline_exceeded", detail)


def status_of(error: Chat4AllError) -> status_pb2.Status:
    """What is refused, as a client gets it: at the end of a call, for one item of a batch, in a
    frame of a stream."""
    return _status(as_item(error))


def status_of_problem(problem: Mapping[str, Any]) -> status_pb2.Status:
    """The same of problem details (RFC 9457)."""
    return _status(dict(problem))


def code_of(status: status_pb2.Status) -> grpc.StatusCode:
    return _BY_NUMBER[status.code]


async def refuse(context: grpc.aio.ServicerContext, error: BaseException) -> NoReturn:
    """End the call with this error. What is none of ours is logged as a bug, and not told."""
    await end(context, told(error))


async def end(
    context: grpc.aio.ServicerContext,
    status: status_pb2.Status,
    trailers: Mapping[str, str] | None = None,
) -> NoReturn:
    """End the call with a status, and with what else its client is told.

    It comes after all that was written. A client that reads nothing is not waited for: gRPC keeps
    the status for it, and the handler is over.

    Raises:
        AbortError: it is told.
        CancelledError: nobody reads it, or is there any more.
    """
    metadata = (*(trailers or {}).items(), (DETAILS, status.SerializeToString()))
    try:
        async with asyncio.timeout(ENDING_S):
            await context.abort(code_of(status), status.message, metadata)
    except (TimeoutError, grpc.aio.InternalError):
        pass
    raise asyncio.CancelledError  # gRPC takes another AbortError than its own for a bug


def told(error: BaseException) -> status_pb2.Status:
    """What a client is told of whatever was raised; a bug is logged.

    Raises: what is no error, such as the end of the call.
    """
    if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt, SystemExit)):
        raise error
    if isinstance(error, Rejected):
        return status_of(error)
    if isinstance(error, (Unavailable, Raced)):
        logger().warning("unavailable", reason=str(error))
        return status_of(error)
    if isinstance(error, Exception):
        log_bug(error)
    detail = "This is our fault. It has been logged."
    return _status(problem_details(500, "internal_error", "Internal server error", detail))


def _status(problem: dict[str, Any]) -> status_pb2.Status:
    for name in ("type", "title"):
        problem.pop(name, None)
    http, code, words = problem.pop("status"), problem.pop("code"), problem.pop("detail")
    wrong, wait = problem.pop("errors", None), problem.get("retry_after")
    made = status_pb2.Status(
        code=OTHERWISE.get(code, CODES[http]).value[0],
        message=_cut(_named(words)),
    )
    metadata = {"http_status": str(http)} | {name: _text(v) for name, v in problem.items()}
    details: list[Message] = [
        details_pb2.ErrorInfo(reason=code, domain=DOMAIN, metadata=metadata),
    ]
    if wrong:
        details.append(_violations(wrong))
    if wait is None and http == 503:
        wait = 1
    if wait is not None:
        details.append(details_pb2.RetryInfo(retry_delay=Duration(seconds=int(wait))))
    for detail in details:
        made.details.add().Pack(detail)
    return made


def _violations(wrong: list[dict[str, str]]) -> details_pb2.BadRequest:
    found = details_pb2.BadRequest()
    for each in wrong:
        found.field_violations.add(field=each["where"], description=_named(each["what"]))
        if found.ByteSize() > MAX_VIOLATIONS:
            del found.field_violations[-1]
            break
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        kept, room = [], MAX_LIST
        for item in value:
            room -= len(json.dumps(item)) + 1
            if room < 0:
                break
            kept.append(item)
        value = kept
    return json.dumps(value, separators=(",", ":"))


def _named(words: str) -> str:
    for name, ours in NAMES.items():
        words = words.replace(name, ours)
    return words


def _cut(words: str) -> str:
    return words.encode("utf-8", "replace")[:MAX_MESSAGE].decode("utf-8", "ignore")
