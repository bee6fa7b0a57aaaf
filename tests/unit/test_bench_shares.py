"""Whose the processor's time is: read from stacks; and the plot of what workers add."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench import sampling, workers

pytestmark = pytest.mark.req("RNF-001")

SITE = "/venv/lib/python3.11/site-packages"
CODE = "/tmp/ministack-lambda-route-1"
WORKER = f"run ({CODE}/_worker.py:9);lambda_handler ({CODE}/code/route_message/handler.py:30)"


@pytest.mark.parametrize(
    ("stack", "owner"),
    [
        (f"{WORKER};route ({CODE}/code/chat4all/routing.py:1);dumps (/lib/json.py:1)", "our code"),
        (f"{WORKER};_api_call ({SITE}/botocore/client.py:1);send (/lib/http.py:1)", "botocore"),
        (f"{WORKER};info ({SITE}/aws_lambda_powertools/logging/logger.py:1)", "Powertools"),
        (f"app ({SITE}/ministack/app.py:1);put ({SITE}/ministack/services/dynamodb.py:1)", "Dyn"),
        (
            f"{WORKER};_api_call ({SITE}/botocore/client.py:1);get ({SITE}/urllib3/response.py:1)",
            "botocore",
        ),
        (f"_ask ({CODE}/code/chat4all/http.py:1);get ({SITE}/urllib3/response.py:1)", "not AWS"),
        ("wait (/lib/threading.py:1)", sampling.OTHER),
    ],
)
def test_the_nearest_frame_that_belongs_to_somebody_has_the_time(stack: str, owner: str) -> None:
    found = sampling.layer(stack.split(";"))

    assert owner in found


def test_samples_become_percentages_of_each_kind_of_process() -> None:
    lines = [
        f'process 7:"python";{WORKER};_api_call ({SITE}/botocore/client.py:1) 3',
        f'process 8:"python";{WORKER} 1',
        f'process 5:"python";app ({SITE}/ministack/app.py:1) 5',
    ]

    found = sampling.shares(lines)

    assert found["workers"] == {"botocore": 75.0, "our code": 25.0}
    assert found["emulator"] == {"emulator: HTTP and routing": 100.0}


def test_each_number_of_workers_has_a_stack_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(workers.VARIABLE, raising=False)
    started: list[str] = []

    @contextmanager
    def a_stack() -> Any:
        started.append(os.environ[workers.VARIABLE])
        yield None, None

    seconds = iter((40.0, 20.0, 10.0))
    monkeypatch.setattr(workers, "seconds_for", lambda *_: next(seconds))

    found = workers.measure(a_stack, messages=400)

    assert started == ["1", "2", "4"]
    assert [row["ratio"] for row in found.values()] == [1.0, 2.0, 4.0]
    assert workers.VARIABLE not in os.environ


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    found = {
        f"{number}_workers": {"per_second": 9.0 * number, "most_per_second": 10.0 * number}
        for number in workers.WORKERS
    }

    workers.plot(found, tmp_path / "workers.png")

    assert (tmp_path / "workers.png").read_bytes().startswith(b"\x89PNG")
