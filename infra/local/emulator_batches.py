"""Batches of queues and streams that the local account's limit of executions does not refuse.

One limit stands for the account. When callers of the API fill it, the batches of all queues fail
besides and stay hidden for their visibility time-out: a stack with too much to do comes to a
stop. On AWS there is far more room, and what consumes queues can be given some of its own.
"""

import threading
from typing import Any


def spare_batches(lambda_service: Any) -> None:
    """Let each batch run: there are few, as many as mappings have in flight at the most."""
    acquire, run = lambda_service._acquire_execution_slot, lambda_service._run_sqs_batch
    poll = lambda_service._poll_dynamodb_streams
    here = threading.local()

    def of_a_batch(original: Any) -> Any:
        def marked(*arguments: Any, **options: Any) -> Any:
            here.in_batch = True
            try:
                return original(*arguments, **options)
            finally:
                here.in_batch = False

        return marked

    def acquire_for_batches(function: Any, config: Any) -> Any:
        key, refused = acquire(function, config)
        if refused != "account" or not getattr(here, "in_batch", False):
            return key, refused
        key = lambda_service._inflight_key(config)
        with lambda_service._inflight_lock:
            lambda_service._inflight[key] = lambda_service._inflight.get(key, 0) + 1
            lambda_service._inflight_total += 1
        return key, None

    lambda_service._acquire_execution_slot = acquire_for_batches
    lambda_service._run_sqs_batch = of_a_batch(run)
    lambda_service._poll_dynamodb_streams = of_a_batch(poll)
