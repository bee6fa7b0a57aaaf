"""boto3 clients, and the border where botocore's errors become ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chat4all.adapters.lighter import lighten
from chat4all.errors import Unavailable

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=50,  # the gRPC front's threads, and those of some calls
    tcp_keepalive=True,
    # Requests are built in this folder and held to the services' models by the contract suite;
    # validating each again costs about 0.1 ms a call.
    parameter_validation=False,
)


def _files() -> Config:
    """For S3, whose URLs go to people: at the bucket's own regional host, because the global one
    redirects, and a signature does not survive that. An emulator has one host for all."""
    elsewhere = "AWS_ENDPOINT_URL" in os.environ
    return Config(
        read_timeout=50,  # it may take long to put a large upload's parts together
        retries={"mode": "standard", "total_max_attempts": 2},  # within a worker's time
        signature_version="s3v4",
        request_checksum_calculation="when_required",  # URLs must not ask for one of botocore's
        s3={
            "addressing_style": "path" if elsewhere else "virtual",
            "us_east_1_regional_endpoint": "regional",
        },
    )


_making = Lock()
"""Clients may be used by many threads, and boto3's default session by one only."""


@cache
def client(service: str) -> Any:
    """One client per service and process: it keeps its connections. Region, credentials and
    endpoint (`AWS_ENDPOINT_URL`) come from the environment."""
    config = _CONFIG.merge(_files()) if service == "s3" else _CONFIG
    with _making:
        made = boto3.client(service, config=config)
    lighten(made, service)
    return made


def files_client_outside(url: str) -> Any:
    """One that makes URLs for people, who reach S3 elsewhere than functions do: an emulator may
    have such a place. If `url` is empty, the one that functions have."""
    if not url:
        return client("s3")
    with _making:
        return boto3.client("s3", config=_CONFIG.merge(_files()), endpoint_url=url)


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def available(what: str) -> Iterator[None]:
    """Turn whatever a service raises into `Unavailable`, naming the service."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"{what}: {error}") from error
