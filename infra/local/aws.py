"""AWS clients for a local emulator, and the environment that makes any AWS tool use it."""

import os
from typing import Any
from urllib.parse import urlsplit

from localstack_client.session import Session

from infra.local.home import StackError

REGION = "us-east-1"
KEY = "test"  # both emulators take this pair for the account's root


def environment(endpoint: str) -> dict[str, str]:
    """This process's environment without anybody's AWS settings, pointed at `endpoint`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def is_meant(stage: str) -> None:
    """For what goes to AWS with the credentials of the shell.

    Raises:
        StackError: the shell sends AWS requests to this machine, and the stage is not the local
            one: `./scripts/env` has steered it there.
    """
    if stage == (os.environ.get("CHAT4ALL_STAGE") or "local"):
        return
    for name, value in os.environ.items():
        host = urlsplit(value).hostname or "" if name.startswith("AWS_ENDPOINT_URL") else ""
        if host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost"):
            raise StackError(
                f"{name} is {value}: this shell speaks to the emulator on this machine, not to "
                f"AWS, where the stage {stage} is. Use a new shell, without ./scripts/env."
            )


def client(endpoint: str, service: str) -> Any:
    """A boto3 client of the emulator at `endpoint`, whatever AWS_ENDPOINT_URL says."""
    before = os.environ.get("AWS_ENDPOINT_URL")
    os.environ["AWS_ENDPOINT_URL"] = endpoint  # localstack_client reads it once, here
    try:
        session = Session(KEY, KEY, KEY, region_name=REGION)
    finally:
        if before is None:
            del os.environ["AWS_ENDPOINT_URL"]
        else:
            os.environ["AWS_ENDPOINT_URL"] = before
    return session.client(service)
