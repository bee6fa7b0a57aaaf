"""Upload as a client does, by the public API and the URLs that it gives."""

from __future__ import annotations

from typing import Any

import httpx

from infra.client.checksums import crc64nvme, written
from infra.local.client import Api, wait_until

PNG = b"\x89PNG\r\n\x1a\n"
MIB = 1024 * 1024


def uploaded(owner: Api, content: bytes, **about: Any) -> Any:
    """A file whose parts are all there and that is being checked."""
    new = {"filename": "a picture.png", "content_type": "image/png", "size": len(content), **about}
    begun = owner.ok("POST", "/v1/files/initiate", new)
    for part in begun["upload_urls"]:
        start = (part["part_number"] - 1) * begun["part_size"]
        httpx.put(part["url"], content=content[start : start + part["size"]]).raise_for_status()
    checksum = written(crc64nvme(content))
    return owner.ok("POST", f"/v1/files/{begun['file_id']}/complete", {"checksum": checksum})


def upload(owner: Api, content: bytes, **about: Any) -> Any:
    """A READY file, sent in as many parts as it takes."""
    file_id = uploaded(owner, content, **about)["file_id"]
    return wait_until(lambda: ready(owner, file_id), f"{file_id} to be READY")


def ready(api: Api, file_id: str) -> Any:
    file = api.ok("GET", f"/v1/files/{file_id}")
    assert file["status"] in ("UPLOADING", "CHECKING", "READY"), file
    return file if file["status"] == "READY" else None


def send_file(api: Api, conversation: str, sender: str, file_id: str, **more: Any) -> str:
    payload = {"type": "file", "file_id": file_id, **more}
    body = {"conversation_id": conversation, "from": sender, "payload": payload}
    return str(api.ok("POST", "/v1/messages", body)["message_id"])
