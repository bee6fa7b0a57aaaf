"""Files over the API's handler, on the imitated cloud: what its tests begin with."""

from __future__ import annotations

import json
from typing import Any

import requests

from chat4all.file_jobs import FinishUpload
from tests.cloud import CONTEXT, Answer, Cloud, request

WORDS = b"hello, world"
MIB = 1024 * 1024


def call(method: str, path: str, body: object = None, **more: Any) -> Answer:
    from http_api.handler import lambda_handler

    return request(lambda_handler, method, path, body, **more)


def initiate(size: int = len(WORDS), user: str = "ana", **fields: Any) -> Answer:
    body = {"filename": "words.txt", "size": size, "content_type": "text/plain", **fields}
    return call("POST", "/v1/files/initiate", body, user=user)


def put(url: str, content: bytes = WORDS) -> int:
    """As a client uploads a part: no header but its length."""
    return requests.put(url, data=content, timeout=10).status_code


def uploaded(user: str = "ana", **fields: Any) -> str:
    """A file of one part, which is there."""
    begun = initiate(user=user, **fields).json
    assert put(begun["upload_url"]) == 200
    return str(begun["file_id"])


def completed(user: str = "ana", **fields: Any) -> str:
    file_id = uploaded(user, **fields)
    assert call("POST", f"/v1/files/{file_id}/complete", {}, user=user).status == 202
    return file_id


def check(stack: Cloud) -> list[dict[str, Any]]:
    """One invocation of `finish_upload` for each file that waits; what it wants offered again."""
    from finish_upload.handler import lambda_handler

    again: list[dict[str, Any]] = []
    for number, body in enumerate(stack.received("uploads")):
        group = FinishUpload.model_validate(body).file_id
        record = {
            "messageId": f"item-{number}",
            "body": json.dumps(body),
            "attributes": {"MessageGroupId": group},
        }
        again += lambda_handler({"Records": [record]}, CONTEXT)["batchItemFailures"]
    return again


def ready(stack: Cloud, user: str = "ana", **fields: Any) -> str:
    file_id = completed(user, **fields)
    assert check(stack) == []
    return file_id


def a_pair(*members: str) -> str:
    for member in members:
        assert call("PUT", f"/v1/users/{member}", {"name": member}).status == 200
    opened = call("POST", "/v1/conversations", {"type": "private", "members": list(members)})
    return str(opened.json["conversation_id"])
