"""Where botocore works more than we need. By its own events: a newer one is at worst slower.

Measured in docs/performance.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

_BYTES = (b'"B":', b'"BS":')


def lighten(client: Any, service: str) -> None:
    """A client of any service: those that gain nothing stay as they are."""
    if service == "sns":
        client.meta.events.register("before-call.sns", _encode_once)
    elif service == "dynamodb":
        for operation in ("BatchGetItem", "Query"):
            client.meta.events.register(f"before-parse.dynamodb.{operation}", _take_as_it_came)


def _encode_once(params: MutableMapping[str, Any], **_: Any) -> None:
    """A form is encoded anew each time that botocore looks at the request: three times and more."""
    if isinstance(params.get("body"), Mapping):
        params["body"] = urlencode(params["body"], doseq=True)


def _take_as_it_came(
    response_dict: MutableMapping[str, Any],
    customized_response_dict: MutableMapping[str, Any],
    **_: Any,
) -> None:
    """DynamoDB's JSON is what botocore makes of it, but for bytes: each value is walked through
    only to find those. Answers with bytes, broken ones and errors are left to it."""
    body = response_dict["body"]
    if response_dict["status_code"] != 200 or any(mark in body for mark in _BYTES):
        return
    with suppress(ValueError):
        customized_response_dict.update(json.loads(body))
        response_dict["body"] = b"{}"
