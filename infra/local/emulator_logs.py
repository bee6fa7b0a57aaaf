"""Log lines that came after their invocation's answer was taken: on a busy machine the thread that
reads them may be late. Unpatched they wait for the worker's next invocation, if there is one."""

import queue
import sys
import threading
import time
from typing import Any

LATE = "late"
"""In the place of a request id."""
EVERY = 0.5  # seconds


def keep_late_lines(runtime: Any, lambda_service: Any) -> None:
    """Look at idle workers now and then, and write what they still had to say."""

    def loop() -> None:
        while True:
            time.sleep(EVERY)
            try:
                write_late_lines(runtime, lambda_service)
            except Exception as error:  # the next look may do
                print(f"late log lines: {error!r}", file=sys.stderr)

    threading.Thread(target=loop, daemon=True).start()


def write_late_lines(runtime: Any, lambda_service: Any) -> None:
    for workers in list(runtime._workers.values()):
        for worker in list(workers):
            if not worker.in_use and (lines := _taken(worker._stderr_queue)):
                text = "\n".join(lines)
                lambda_service._emit_lambda_logs({"config": worker.config}, LATE, text, False, 0)


def _taken(lines: "queue.Queue[str]") -> list[str]:
    found: list[str] = []
    try:
        while True:
            found.append(lines.get_nowait())
    except queue.Empty:
        return found
