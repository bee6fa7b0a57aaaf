"""The emulator's patches: what they change, and that they leave the rest alone."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from infra.local.emulator_batches import spare_batches
from infra.local.emulator_logs import write_late_lines
from infra.local.ministack_launcher import (
    keep_role_policies,
    lift_fifo_limit,
    parse_statements_once,
    prune_less_often,
    read_streams_apart,
    shorten_log_wait,
    start_few_at_once,
)


def a_lambda_service() -> Any:
    def concurrency(esm: Any, function: Any, config: Any, source: Any = None) -> int:
        return 1 if (source or {}).get("is_fifo") else 5

    return SimpleNamespace(_sqs_esm_concurrency=concurrency)


def a_worker_class() -> Any:
    class Worker:
        def __init__(self, process: object) -> None:
            self._proc = process
            self._stderr_queue: queue.Queue[str] = queue.Queue()

        def _drain_stderr_bounded(self, first_line_wait: float = 0.05) -> str:
            return "the patient way"

    return Worker


def test_a_fifo_mapping_gets_several_batches_but_no_more_than_its_function_allows() -> None:
    service = a_lambda_service()
    lift_fifo_limit(service, 4)
    assert service._sqs_esm_concurrency({}, {}, {}, {"is_fifo": True}) == 4

    service = a_lambda_service()
    lift_fifo_limit(service, 9)
    assert service._sqs_esm_concurrency({}, {}, {}, {"is_fifo": True}) == 5


def test_a_standard_mapping_is_left_alone() -> None:
    service = a_lambda_service()
    lift_fifo_limit(service, 2)

    assert service._sqs_esm_concurrency({}, {}, {}, {"is_fifo": False}) == 5
    assert service._sqs_esm_concurrency({}, {}, {}) == 5


def test_lines_come_in_order_and_a_late_one_waits_for_the_next_invocation() -> None:
    worker_class = a_worker_class()
    shorten_log_wait(worker_class)
    worker = worker_class(process=object())
    for line in ("first", "second"):
        worker._stderr_queue.put(line)

    assert worker._drain_stderr_bounded() == "first\nsecond"
    assert worker._drain_stderr_bounded() == ""
    worker._stderr_queue.put("late")
    assert worker._drain_stderr_bounded() == "late"


def test_a_worker_that_failed_is_listened_to_as_patiently_as_before() -> None:
    worker_class = a_worker_class()
    shorten_log_wait(worker_class)

    assert worker_class(process=None)._drain_stderr_bounded() == "the patient way"
    assert worker_class(object())._drain_stderr_bounded(first_line_wait=1) == "the patient way"


def test_expired_deduplication_ids_are_dropped_now_and_then_for_each_queue() -> None:
    pruned: list[str] = []
    queues: Any = SimpleNamespace(_prune_dedup=lambda source: pruned.append(source["name"]))
    prune_less_often(queues)
    one, other = {"name": "one"}, {"name": "other"}

    for source in (one, one, other, one, other):
        queues._prune_dedup(source)

    assert pruned == ["one", "other"]


def test_a_statement_is_parsed_once_to_look_at_it_and_to_run_it() -> None:
    parsed: list[str] = []

    def parse(statement: str, parameters: Any) -> list[str]:
        parsed.append(statement)
        return [statement]

    tables: Any = SimpleNamespace(_parse_partiql=parse)
    parse_statements_once(tables)
    parameters: list[Any] = []

    looked, ran = (tables._parse_partiql("UPDATE …", parameters) for _ in range(2))
    again = tables._parse_partiql("UPDATE …", parameters)

    assert looked is ran
    assert again is not ran
    assert tables._parse_partiql("UPDATE …", []) is not again
    assert parsed == ["UPDATE …"] * 3


def test_a_roles_policies_are_collected_once_a_second_and_no_other_roles() -> None:
    collected: list[tuple[str, str]] = []
    evaluator: Any = SimpleNamespace(
        _gather_role_policies=lambda role, account: collected.append((role, account)) or role
    )
    keep_role_policies(evaluator)

    answers = [evaluator._gather_role_policies(role, "1") for role in ("a", "a", "b", "a")]

    assert answers == ["a", "a", "b", "a"]
    assert collected == [("a", "1"), ("b", "1")]


def test_streams_are_read_in_a_thread_of_their_own_even_after_an_error() -> None:
    read = threading.Semaphore(0)
    readers: set[int] = set()
    left = iter((2, 1))

    def poll() -> bool:
        readers.add(threading.get_ident())
        read.release()
        if calls := next(left, None):
            raise RuntimeError(f"{calls} more")
        return threading.Event().wait()  # for good: the thread ends with the process

    service: Any = SimpleNamespace(_poll_dynamodb_streams=poll)
    read_streams_apart(service)

    assert service._poll_dynamodb_streams() is False
    assert service._poll_dynamodb_streams() is False
    assert all(read.acquire(timeout=5) for _ in range(3))
    assert len(readers) == 1
    assert threading.get_ident() not in readers


class Workers:
    """As the emulator keeps them: a call gets one that nobody has, or a new one."""

    def __init__(self) -> None:
        self._workers: dict[str, list[Any]] = {}

    def _worker_key(self, name: str, config: Any, qualifier: str) -> str:
        return f"{name}:{qualifier}"

    def acquire_worker(
        self, name: str, config: Any, code: bytes, qualifier: str = "$LATEST"
    ) -> tuple[Any, str]:
        workers = self._workers.setdefault(self._worker_key(name, config, qualifier), [])
        for worker in workers:
            if not worker.in_use:
                worker.in_use = True
                return worker, "reused"
        workers.append(SimpleNamespace(func_name=name, in_use=True, _cold=True))
        return workers[-1], "spawn"

    def release_worker(self, worker: Any) -> None:
        worker.in_use = False


def test_a_burst_of_calls_starts_few_workers_at_once_and_all_are_answered() -> None:
    runtime: Any = Workers()
    service: Any = SimpleNamespace()
    start_few_at_once(runtime, service, 2)
    starting, most, lock = 0, 0, threading.Lock()

    def call(_: int) -> None:
        nonlocal starting, most
        worker, how = service.acquire_worker("api", {}, b"")
        if how == "spawn":
            with lock:
                starting += 1
                most = max(most, starting)
            time.sleep(0.05)
            with lock:
                starting -= 1
            worker._cold = False
        service.release_worker(worker)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(call, range(64)))

    assert most <= 2
    assert len(runtime._workers["api:$LATEST"]) < 10


def test_who_waits_for_a_slow_call_gets_a_worker_of_their_own() -> None:
    runtime: Any = Workers()
    start_few_at_once(runtime, SimpleNamespace(), 1)
    got = []

    for _ in range(4):  # the last ones after a while
        got.append(runtime.acquire_worker("connector", {}, b""))
        got[-1][0]._cold = False

    assert [how for _, how in got] == ["spawn"] * 4
    assert runtime.acquire_worker("router", {}, b"")[1] == "spawn"


def test_what_an_idle_worker_said_late_is_written_without_its_next_invocation() -> None:
    emitted: list[tuple[str, str]] = []

    def emit(function: Any, request_id: str, text: str, error: bool, duration_ms: int) -> None:
        emitted.append((function["config"], text))

    idle, busy = (
        SimpleNamespace(in_use=used, config=name, _stderr_queue=queue.Queue[str]())
        for used, name in ((False, "idle"), (True, "busy"))
    )
    for worker in (idle, busy):
        worker._stderr_queue.put("one")
        worker._stderr_queue.put("two")

    for _ in range(2):
        write_late_lines(
            SimpleNamespace(_workers={"a": [idle, busy]}), SimpleNamespace(_emit_lambda_logs=emit)
        )

    assert emitted == [("idle", "one\ntwo")]


def test_callers_who_fill_the_accounts_executions_leave_batches_theirs() -> None:
    service = SimpleNamespace(_inflight={}, _inflight_total=0, _inflight_lock=threading.Lock())
    service._inflight_key = lambda config: config
    service._acquire_execution_slot = lambda function, config: (None, "account")
    service._run_sqs_batch = lambda name: service._acquire_execution_slot(name, name)
    service._poll_dynamodb_streams = lambda: service._acquire_execution_slot("relay", "relay")
    spare_batches(service)

    of_a_queue, of_a_stream = service._run_sqs_batch("router"), service._poll_dynamodb_streams()
    of_a_caller = service._acquire_execution_slot("front", "front")

    assert (of_a_queue, of_a_stream) == (("router", None), ("relay", None))
    assert of_a_caller == (None, "account")
    assert (service._inflight, service._inflight_total) == ({"router": 1, "relay": 1}, 2)


def test_a_functions_own_limit_holds_for_batches_too() -> None:
    service = SimpleNamespace(_poll_dynamodb_streams=lambda: False)
    service._acquire_execution_slot = lambda function, config: (None, "function")
    service._run_sqs_batch = lambda name: service._acquire_execution_slot(name, name)

    spare_batches(service)

    assert service._run_sqs_batch("router") == (None, "function")
