"""The gRPC front as a process, from functions/: `python -m grpc_front [ADDRESS]`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc

from chat4all import metrics
from chat4all.api.tokens import jwks
from chat4all.bootstrap.access import cursors
from chat4all.errors import Chat4AllError, Unavailable
from chat4all.observability import export_spans, log_bug, logger, without_data
from grpc_front.server import Front
from grpc_front.services import Runtime, handlers
from grpc_front.streams import Streams
from grpc_front.tls import BadSettings, Listening, from_environment

THREADS = 32
"""Use cases wait for AWS most of the time."""
PAUSE = 1.0
METRICS_EVERY = 5.0
"""Seconds. A function writes what it counted after each invocation; here none ends."""


class WithoutText(logging.Handler):
    """What libraries log, as where and what: their words may repeat what a client sent. That a
    client went away amid an answer is logged with its call."""

    def emit(self, record: logging.LogRecord) -> None:
        raised = record.exc_info[1] if record.exc_info else None
        if isinstance(raised, grpc.aio.InternalError):
            return
        if isinstance(raised, Exception):
            log_bug(raised)
        else:
            place = f"{record.pathname}:{record.lineno}"
            logger().warning("a library logged", library=record.name, place=place)


async def serve(listening: Listening) -> bool:
    """Until SIGTERM or SIGINT, and then until what runs has ended. False if it ended by itself: by
    a bug, which is logged."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stopping.set)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="use-case") as pool:
        streams = Streams(pool)
        front = Front(listening, handlers(Runtime(pool, streams)), streams.drain)
        logger().info("port taken", port=front.open(), tls=listening.encrypted)
        serving = asyncio.create_task(_serve(front, pool))
        told = asyncio.create_task(stopping.wait())
        counted = asyncio.create_task(_write_metrics())
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        failed = serving.exception() if serving.done() else None
        if isinstance(failed, Exception):
            log_bug(failed)
        serving.cancel()
        told.cancel()
        logger().info("draining")
        await front.stop()
        counted.cancel()
    metrics.flush()
    logger().info("stopped")
    return stopping.is_set()


async def _serve(front: Front, pool: ThreadPoolExecutor) -> None:
    """Once the keys and the table have answered. Raises what ends it: nothing should."""
    while True:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, _ask)
        except Chat4AllError as error:
            logger().warning("not ready", reason=_told(error))
            await asyncio.sleep(PAUSE)
        else:
            await front.start()
            logger().info("serving")
            await front.over()
            raise RuntimeError("the server has ended")


async def _write_metrics() -> None:
    while True:
        await asyncio.sleep(METRICS_EVERY)
        metrics.flush()
        await asyncio.to_thread(export_spans, "grpc-front")


def _told(error: Chat4AllError) -> str:
    """What did not answer, in words of ours."""
    return str(error) if isinstance(error, Unavailable) else without_data(error)


def _ask() -> None:
    jwks()
    cursors().encode("ready")  # its key is in the table


def main() -> int:
    logging.basicConfig(handlers=[WithoutText(logging.WARNING)], level=logging.WARNING)
    try:
        named = {"GRPC_ADDRESS": sys.argv[1]} if len(sys.argv) > 1 else {}
        ended_well = asyncio.run(serve(from_environment({**os.environ, **named})))
    except BadSettings as error:
        print(f"The gRPC front cannot start: {error}", file=sys.stderr)
        return 2
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
