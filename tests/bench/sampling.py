"""Which code has the processor, by asking running processes for their stacks: py-spy.

Linux lets only root, or a tracer of its own children, look into other processes. What is counted
is who holds the interpreter: the system's own work for a process is not in these shares.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

RATE = 100  # looks a second
LONGEST = 600  # seconds

HTTP = "HTTP that is not AWS's"
LAYERS: tuple[tuple[str, str], ...] = (
    ("/botocore/", "botocore"),
    ("/boto3/", "botocore"),
    ("/urllib3/", HTTP),
    ("/pydantic", "pydantic"),
    ("/aws_lambda_powertools/", "Powertools"),
    ("/infra/local/", "our patches of the emulator"),
    ("/ministack/services/lambda_svc", "emulator: Lambda"),
    ("/ministack/core/lambda_runtime", "emulator: Lambda"),
    ("/ministack/services/dynamodb", "emulator: DynamoDB"),
    ("/ministack/services/sqs", "emulator: SQS"),
    ("/ministack/services/sns", "emulator: SNS"),
    ("/ministack/services/apigateway", "emulator: API Gateway"),
    ("/ministack/services/cloudwatch_logs", "emulator: logs"),
    ("/ministack/core/iam", "emulator: IAM"),
    ("/ministack/core/sigv4", "emulator: IAM"),
    ("/ministack/services/sts", "emulator: IAM"),
    ("/ministack/services/iam", "emulator: IAM"),
    ("/ministack/", "emulator: HTTP and routing"),
    ("/uvicorn/", "emulator: HTTP and routing"),
    ("/chat4all/", "our code"),
    ("/handler.py", "our code"),
    ("/chalice", "sandbox"),
    ("/provider_sandbox/", "sandbox"),
    ("_worker.py", "emulator: worker"),
)
OTHER = "Python itself"


def layer(stack: Sequence[str]) -> str:
    """Whose work the innermost frame does: the nearest frame's that belongs to somebody. The
    standard library works for its caller."""
    owner = next((name for frame in reversed(stack) if (name := _owner(frame))), OTHER)
    if owner == HTTP and any("/botocore/" in frame for frame in stack):
        return "botocore"
    return owner


def _owner(frame: str) -> str | None:
    return next((name for part, name in LAYERS if part in frame), None)


@contextmanager
def sampled(pids: Iterable[int]) -> Iterator[dict[str, dict[str, float]]]:
    """Look at these processes and their children for the length of a block; afterwards the answer
    has percentages by layer, for `workers` and each other kind of process. Empty where looking is
    forbidden."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lookers = [_look(pid, Path(folder) / str(pid)) for pid in pids]
        time.sleep(1)  # second until it has begun
        yield found
        for looker in lookers:
            looker.send_signal(signal.SIGINT)
        for looker in lookers:
            looker.wait(60)
        lines: list[str] = []
        for written in Path(folder).iterdir():
            lines += written.read_text(errors="replace").splitlines()
    found |= shares(lines)


def _look(pid: int, into: Path) -> subprocess.Popen[bytes]:
    tool = str(Path(sys.executable).with_name("py-spy"))
    # --gil: only who computes. Without it, who waits for a socket counts as well.
    options = ["--subprocesses", "--gil", "--full-filenames", "--format", "raw"]
    options += ["--rate", str(RATE)]
    command = [tool, "record", "--pid", str(pid), "--duration", str(LONGEST), *options]
    return subprocess.Popen(
        [*command, "--output", str(into)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def shares(lines: Iterable[str]) -> dict[str, dict[str, float]]:
    """Percentages by kind of process and layer, of lines such as `process 7:"…";frame;frame 12`."""
    counted: dict[str, Counter[str]] = {}
    for line in lines:
        stack, _, number = line.rpartition(" ")
        frames = [frame for frame in stack.split(";") if not frame.startswith("process ")]
        name = layer(frames)
        counted.setdefault(_kind(frames), Counter())[name] += int(number)
    return {
        kind: {name: 100 * n / layers.total() for name, n in layers.most_common()}
        for kind, layers in sorted(counted.items())
    }


def _kind(frames: Sequence[str]) -> str:
    whole = ";".join(frames)
    if "/ministack-lambda-" in whole:  # also the threads of a worker
        return "workers"
    if "/provider_sandbox/" in whole:
        return "sandbox"
    if "/grpc_front/" in whole:
        return "grpc"
    return "emulator"
