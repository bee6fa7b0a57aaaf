"""What is told of a call: one line in the log, and trailers for its client."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from chat4all.access.limits import RateLimited
from chat4all.api.limiting import headers_of
from chat4all.caller import Caller
from chat4all.errors import Rejected
from chat4all.ids import new_id
from chat4all.observability import logger
from grpc_front.errors import code_of, end, told

REQUEST_ID = "x-request-id"
_REQUEST_ID = re.compile(r"[!-~]{1,64}")
CANCELLED = "CANCELLED"


class Trailers(dict[str, str]):
    """What comes after the answer, whatever it is; and what the log says besides."""

    def __init__(self, request_id: str) -> None:
        super().__init__({REQUEST_ID: request_id})
        self.facts: dict[str, str] = {}

    def asked_by(self, caller: Caller) -> None:
        self.facts |= {"subject": caller.subject, "kind": str(caller.kind)}


@asynccontextmanager
async def telling(context: grpc.aio.ServicerContext, method: str) -> AsyncIterator[Trailers]:
    """Around one call: whatever is raised within ends it with the status that fits. Lines that the
    call logs have its request id."""
    trailers = Trailers(request_id(context))
    logger().thread_safe_append_keys(request_id=trailers[REQUEST_ID])
    began, code = time.perf_counter(), CANCELLED
    try:
        try:
            yield trailers
        except grpc.aio.AbortError:
            code = "ABORTED"
            raise
        except Exception as error:
            if isinstance(error, grpc.aio.InternalError) or context.done():
                raise asyncio.CancelledError from error  # nobody is there to be written to
            if isinstance(error, RateLimited):
                trailers |= headers_of(error.allowance)
            if isinstance(error, Rejected):
                trailers.facts["reason"] = error.code
            status = told(error)
            code = code_of(status).name
            await end(context, status, trailers)
        code = "OK"
        context.set_trailing_metadata(tuple(trailers.items()))
    finally:
        ms = round((time.perf_counter() - began) * 1000, 1)
        logger().info("call", method=method, code=code, duration_ms=ms, **trailers.facts)


def request_id(context: grpc.aio.ServicerContext) -> str:
    """The client's own, if it is one line of visible ASCII."""
    for name, value in context.invocation_metadata() or ():
        if name == REQUEST_ID and isinstance(value, str) and _REQUEST_ID.fullmatch(value):
            return value
    return new_id()
