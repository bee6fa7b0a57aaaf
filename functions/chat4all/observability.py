"""Logs: one JSON line per fact, with ids and never with bodies or secrets."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from functools import cache, wraps
from json import JSONEncoder
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from chat4all import metrics, otlp
from chat4all.tracing import Span

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], "LambdaContext"], Answer]


_encoder = JSONEncoder(default=str, separators=(",", ":"), ensure_ascii=False)


@cache
def logger() -> Logger:
    """Service and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL."""
    # Powertools makes an encoder for each line, and looks whether each message is JSON
    return Logger(json_serializer=_encoder.encode, json_deserializer=str)


class _Process:
    """Whether a function's process has handled anything yet."""

    cold = True


def observed(handler: Handler[Answer]) -> Handler[Answer]:
    """Around every `lambda_handler`: each line of an invocation has its `request_id`, its
    `function` and whether it was a `cold_start`; what was counted is written at its end, however
    it ends."""

    @wraps(handler)
    def run(event: dict[str, Any], context: LambdaContext) -> Answer:
        # in the logger's own keys, so that the threads of a pool have them too: a process
        # of Lambda handles one invocation at a time
        logger().append_keys(
            request_id=context.aws_request_id,
            function=context.function_name,
            cold_start=_Process.cold,
            api_request_id=event.get("requestContext", {}).get("requestId"),
        )
        _Process.cold = False
        try:
            return handler(event, context)
        finally:
            metrics.flush()  # first: it waits for nobody, and the time may be nearly out
            export_spans(context.function_name, context.aws_request_id)

    return run


def tell(fact: str, span: Span, began: float, *, took: float | None = None, **ids: Any) -> None:
    """One line for one fact, which is one span of a trace.

    `began` in seconds since 1970, `took` in seconds: until now, if left out. What is None among
    the ids is left out of the line.
    """
    seconds = time.time() - began if took is None else took
    logger().info(
        fact,
        hop=span.hop,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=span.parent_id,
        start_ms=round(began * 1000, 3),
        duration_ms=round(seconds * 1000, 3),
        stacklevel=3,  # who tells it
        **ids,
    )
    if otlp.wanted(span):
        start = int(began * 1e9)
        otlp.collect(otlp.Done(span, fact, start, start + int(seconds * 1e9), ids))


def export_spans(service: str, request_id: str | None = None) -> None:
    """Post the spans of an invocation, if anybody wants them. One warning if it cannot be done,
    with the number of spans that are lost."""
    if otlp.waiting():
        resource = {"service.name": service, "faas.invocation_id": request_id}
        lost = otlp.export(resource)
        if lost is not None:
            logger().warning("spans not exported", reason=lost.reason, spans=lost.spans)


def without_data(error: Exception) -> str:
    """What is wrong with something that cannot be read, without what it says: the error's class,
    and the places that a model refused. The error's own text may repeat a message or a number."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    places = (f"{'.'.join(map(str, each['loc']))} {each['type']}" for each in wrong)
    return f"ValidationError: {', '.join(places)}"


def log_bug(error: Exception) -> None:
    """Where it was raised and what it is, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    logger().error("unexpected error", reason=without_data(error), stack=stack)
