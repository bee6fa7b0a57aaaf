"""The first API client of a stack: who has it can register the others over the API."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from infra.local import aws
from infra.local.home import REPO, StackError

PROGRAM = """
import json, sys
from chat4all.bootstrap.access import clients
name, unless_there = sys.argv[1:]
if unless_there and clients().admins():
    print("null")
else:
    made = clients().register(name=name)
    print(json.dumps([made.client_id, made.client_secret]))
"""


def register_client(endpoint: str, stage: str) -> tuple[str, str]:
    """Register one with every scope on the emulator; answer its id and its secret, shown only
    this once.

    Raises:
        StackError: the product refused; the message has what it printed.
    """
    made = register(aws.client(endpoint, "lambda"), aws.environment(endpoint), stage, "local")
    if made is None:
        raise StackError("No API client could be registered.")
    return made


def register(
    functions: Any, environment: Mapping[str, str], stage: str, name: str, *, again: bool = True
) -> tuple[str, str] | None:
    """Run the product's own code with the environment of its deployed API function, and the
    credentials in `environment`. None if there is an admin and `again` is false.

    Raises:
        StackError: the product refused; the message has what it printed.
    """
    function = f"chat4all-{stage}-http-api"
    configuration = functions.get_function_configuration(FunctionName=function)
    theirs = configuration["Environment"]["Variables"]
    more = {"PYTHONPATH": str(REPO / "functions"), "AWS_LAMBDA_FUNCTION_NAME": function}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name, "" if again else "unless there"],
        cwd=REPO,
        env={**environment, **theirs, **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"No API client could be registered:\n{done.stderr.strip()}")
    made = json.loads(done.stdout.strip().splitlines()[-1])
    return None if made is None else (made[0], made[1])
