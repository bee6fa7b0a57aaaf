"""The first API client of a fresh stack."""

import json
import subprocess
import sys

from infra.local import aws
from infra.local.home import REPO, StackError

PROGRAM = """
import json
from chat4all.bootstrap.access import clients
client = clients().register(name="local")
print(json.dumps([client.client_id, client.client_secret]))
"""


def register_client(endpoint: str, stage: str) -> tuple[str, str]:
    """Register one with every scope; answer its id and its secret, shown only this once.

    It runs the product's own code with the environment of its deployed API function.

    Raises:
        StackError: the product refused; the message has what it printed.
    """
    function = f"chat4all-{stage}-http-api"
    configuration = aws.client(endpoint, "lambda").get_function_configuration(FunctionName=function)
    environment = aws.environment(endpoint) | configuration["Environment"]["Variables"]
    environment |= {"PYTHONPATH": str(REPO / "functions"), "AWS_LAMBDA_FUNCTION_NAME": function}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPO,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"No API client could be registered:\n{done.stderr.strip()}")
    client_id, client_secret = json.loads(done.stdout.strip().splitlines()[-1])
    return client_id, client_secret
