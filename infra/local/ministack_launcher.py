"""Start MiniStack, made faster by patches of its private functions.

They are applied to exactly the version they were written and measured for; any other
version, and CHAT4ALL_PLAIN_EMULATOR=1, starts unpatched: everything works, slower.

1. A FIFO mapping keeps CHAT4ALL_FIFO_CONCURRENCY batches in flight (default 4) instead of
   one. AWS runs one per message group; the emulator's queue never hands out a group that has
   a message in flight, so order per group holds.
2. After an invocation the emulator waits 50 ms for a first log line and 5 ms for a next one.
   The handler's lines are in the pipe before its answer, so 1 ms is enough for the thread that
   reads them. A line that is later still is written within a second (emulator_logs.py).
3. Every send to a FIFO queue goes through all deduplication ids of the last five minutes to
   drop the expired ones: a third of the emulator's time under load. Every few seconds is enough.
4. Each statement of a BatchExecuteStatement is parsed twice, to look at it and to run it. The
   second time gets what the first one found.
5. With AUTH=true every request collects and parses its role's policies. They are kept for a
   second.
6. One loop hands out all queues' batches and runs the stream's function itself, so that every
   queue waits for it. The stream gets a thread of its own.
7. After a look that found nothing that loop sleeps 50 ms, and under load there is always a look
   that finds all functions busy. 2 ms will do.
8. A WebSocket handshake is accepted without the subprotocol that the $connect function chose:
   browsers that offered one then give up. emulator_sockets.py passes it on, as AWS does. And
   what a function logs for a WebSocket is thrown away: it is kept.
9. What PartiQL statements change never reaches the table's stream. emulator_partiql.py passes
   it on, as AWS does.
10. SQS loses messages when two threads change a queue's list at once. emulator_sqs.py gives each
    change its turn.
11. S3 keeps parts and objects in memory and blocks everything while it joins them. emulator_s3.py
   keeps them in files, and checks CRC64NVME as AWS does.
12. Thirty-two calls at once are thirty-two cold starts, on the same few cores: nobody is answered
   for 20 s. Few of a function start at once, and where there are some a call waits for them.

13. How a statement, a condition or an ARN reads and who a caller is are worked out anew for every
   request, items are copied with care for cycles, and queues without messages are looked through.
   emulator_speed.py keeps what is known.
14. Callers who fill the account's executions have the batches of all queues refused, which then
   stay hidden for minutes. emulator_batches.py lets batches run.

And the ASGI application is served by uvicorn with httptools and uvloop instead of hypercorn; with
`--tls PORT` on a second port too (emulator_tls.py).
"""

import argparse
import os
import queue
import sys
import threading
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from infra.local import emulator_speed as speed
from infra.local.emulator_batches import spare_batches
from infra.local.emulator_counts import count
from infra.local.emulator_logs import keep_late_lines
from infra.local.emulator_metrics import FILE, keep_metrics, tell_queues
from infra.local.emulator_partiql import stream_statements
from infra.local.emulator_s3 import patch_s3
from infra.local.emulator_sockets import answer_subprotocols, keep_log_lines
from infra.local.emulator_sqs import keep_messages
from infra.local.home import Home
from infra.local.tls import certificates

PATCHED_VERSION = "1.5.33"
LOG_WAIT = 0.001  # seconds
PRUNE_EVERY = 5.0  # seconds
STREAM_PAUSE = 0.02  # seconds
QUEUE_PAUSE = 0.002  # seconds
WORKER_WAIT = 0.5  # seconds that a call waits for one of many busy workers before another starts
START_WAIT = 20.0  # seconds that it waits at most for workers that start
POLICIES_KEPT = 1.0  # seconds; AWS's own IAM takes longer to hear of a change


def lift_fifo_limit(lambda_service: Any, batches: int) -> None:
    """Let a FIFO mapping have several batches in flight."""
    original = lambda_service._sqs_esm_concurrency

    def concurrency(esm: Any, function: Any, config: Any, source: Any = None) -> int:
        if not (source or {}).get("is_fifo"):
            return int(original(esm, function, config, source))
        return min(batches, int(original(esm, function, config, None)))

    lambda_service._sqs_esm_concurrency = concurrency


def shorten_log_wait(worker: Any) -> None:
    """Collect a healthy worker's log lines until none came for LOG_WAIT."""
    original = worker._drain_stderr_bounded

    def drain(self: Any, *args: Any, **options: Any) -> str:
        if self._proc is None or args or options:  # a dying worker: its trace matters
            return str(original(self, *args, **options))
        lines: list[str] = []
        try:
            while True:
                lines.append(self._stderr_queue.get(timeout=LOG_WAIT))
        except queue.Empty:
            return "\n".join(lines)

    worker._drain_stderr_bounded = drain


def prune_less_often(queues: Any) -> None:
    """Drop a queue's expired deduplication ids now and then."""
    original = queues._prune_dedup

    def prune(source: dict[str, Any]) -> None:
        now = time.monotonic()
        if now - source.get("_pruned_at", 0.0) >= PRUNE_EVERY:
            source["_pruned_at"] = now
            original(source)

    queues._prune_dedup = prune


def parse_statements_once(tables: Any) -> None:
    """Give the very same statement and parameters, asked for again at once, the same answer."""
    original = tables._parse_partiql
    last: list[Any] = []

    def parse(statement: Any, parameters: Any) -> Any:
        if last and last[0] is statement and last[1] is parameters:
            parsed = last[2]
            last.clear()
            return parsed
        parsed = original(statement, parameters)
        last[:] = [statement, parameters, parsed]
        return parsed

    tables._parse_partiql = parse


def keep_role_policies(evaluator: Any) -> None:
    """Remember what a role may do for a second."""
    original = evaluator._gather_role_policies
    kept: dict[tuple[str, str], tuple[float, Any]] = {}

    def gather(role: str, account: str) -> Any:
        now = time.monotonic()
        read_at, policies = kept.get((role, account), (None, None))
        if read_at is None or now - read_at > POLICIES_KEPT:
            policies = original(role, account)
            kept[role, account] = (now, policies)
        return policies

    evaluator._gather_role_policies = gather


def read_streams_apart(lambda_service: Any) -> None:
    """Poll table streams in a thread of their own; one batch at a time, as before."""
    original = lambda_service._poll_dynamodb_streams

    def loop() -> None:
        while True:
            try:
                original()
            except Exception as error:  # as in the loop that it comes from: told, and tried again
                print(f"stream poller: {error!r}", file=sys.stderr)
            time.sleep(STREAM_PAUSE)  # also after work: a moment's records make one batch

    def start_once() -> bool:
        if not started.is_set():
            started.set()
            threading.Thread(target=loop, daemon=True).start()
        return False  # to the queues' loop: nothing was found here

    started = threading.Event()
    lambda_service._poll_dynamodb_streams = start_once


def start_few_at_once(runtime: Any, lambda_service: Any, at_once: int) -> None:
    """Start at most `at_once` workers of a function at a time. Once there are twice as many, a call
    waits for a while for one of them."""
    acquire, release = runtime.acquire_worker, runtime.release_worker
    freed: defaultdict[str, threading.Condition] = defaultdict(threading.Condition)

    def may_have_one(key: str, waited: float) -> bool:
        workers = runtime._workers.get(key, ())
        if waited >= START_WAIT or not all(w.in_use for w in workers):
            return True
        starting = sum(w._cold for w in workers)
        wanted = len(workers) < 2 * at_once or waited >= WORKER_WAIT
        return wanted and starting < at_once

    def acquire_soon(
        name: str, config: Any, code: bytes, qualifier: str = "$LATEST", **more: Any
    ) -> Any:
        key, began = runtime._worker_key(name, config, qualifier), time.monotonic()
        with freed[name]:
            while not may_have_one(key, time.monotonic() - began):
                freed[name].wait(WORKER_WAIT)
            return acquire(name, config, code, qualifier=qualifier, **more)

    def release_and_tell(worker: Any) -> None:
        release(worker)
        if worker is not None:
            with freed[worker.func_name]:
                freed[worker.func_name].notify()

    for module in (runtime, lambda_service):
        module.acquire_worker, module.release_worker = acquire_soon, release_and_tell


def patch() -> None:
    from ministack import app as application
    from ministack.core import iam_actions, iam_evaluator, lambda_runtime
    from ministack.services import apigateway, dynamodb, lambda_svc, s3, sqs

    lift_fifo_limit(lambda_svc, int(os.environ.get("CHAT4ALL_FIFO_CONCURRENCY", "4")))
    shorten_log_wait(lambda_runtime.Worker)
    prune_less_often(sqs)
    parse_statements_once(dynamodb)
    stream_statements(dynamodb)
    keep_role_policies(iam_evaluator)
    spare_batches(lambda_svc)
    read_streams_apart(lambda_svc)
    start_few_at_once(lambda_runtime, lambda_svc, os.cpu_count() or 1)
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = QUEUE_PAUSE
    answer_subprotocols(apigateway)
    keep_log_lines(apigateway, lambda_runtime, lambda_svc)
    keep_messages(sqs)
    patch_s3(s3)
    speed.keep_statements(dynamodb)
    speed.copy_plainly(dynamodb)
    speed.read_expressions_once(dynamodb)
    speed.read_arns_once(lambda_svc, dynamodb)
    speed.keep_principals(iam_evaluator)
    speed.read_bodies_once(iam_actions)
    speed.pass_empty_queues(sqs)
    speed.leave_out_cors(application)


def serve(home: Home, tls_port: int | None) -> None:
    """As MiniStack's own `main` does it, by another server."""
    import uvicorn
    from ministack import app as ministack
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc, sqs

    keep_metrics(lambda_svc, home.path / FILE)
    keep_late_lines(lambda_runtime, lambda_svc)
    app = tell_queues(ministack.app, sqs)
    if os.environ.get("CHAT4ALL_COUNT_CALLS") == "1":
        app = count(app, lambda_runtime.Worker)
    common: dict[str, Any] = {
        "host": os.environ["BIND_HOST"],
        "ws": "wsproto",
        "access_log": False,
        "log_level": os.environ.get("LOG_LEVEL", "WARNING").lower(),
        "timeout_keep_alive": 75,
    }
    plain: dict[str, Any] = {"port": int(os.environ["GATEWAY_PORT"]), "lifespan": "on", **common}
    if tls_port is None:
        uvicorn.run(app, **plain)
        return
    from infra.local.emulator_tls import serve_both, through_tls, without_apis

    found = certificates(home)
    tls = uvicorn.Config(
        through_tls(app),
        port=tls_port,
        lifespan="off",
        proxy_headers=False,
        timeout_graceful_shutdown=1,  # second: idle clients do not answer the end of TLS
        ssl_certfile=found.server,
        ssl_keyfile=found.key,
        ssl_context_factory=lambda *_: found.server_context(),
        **common,
    )
    refusing = without_apis(app, ministack._parse_execute_api_url)
    serve_both(uvicorn.Config(refusing, **plain), tls)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path, help="marks the process as this home's")
    parser.add_argument("--tls", type=int, metavar="PORT", help="serve by TLS there")
    options = parser.parse_args()
    plain = os.environ.get("CHAT4ALL_PLAIN_EMULATOR") == "1"
    if plain or version("ministack") != PATCHED_VERSION:
        from ministack.app import main as serve_plain

        if options.tls:
            sys.exit(f"--tls needs MiniStack {PATCHED_VERSION} with our patches.")
        sys.argv = sys.argv[:1]  # MiniStack takes none
        serve_plain()
    else:
        patch()
        serve(Home(options.home), options.tls)


if __name__ == "__main__":
    main()
