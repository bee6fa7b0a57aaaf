"""The API's routes for files and the object store behind it, in memory, with faults."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import Any

from infra.client.access import Access
from infra.client.checksums import crc64nvme, written


class FakeFiles:
    """What the server knows and saw. `faults["name"] = 2`: the next two times."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.files: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.contents: dict[str, bytes] = {}
        self.puts: list[tuple[str, int]] = []
        self.gets: list[str | None] = []
        self.messages: list[dict[str, Any]] = []
        self.conversations: list[list[str]] = []
        self.tokens = ["token-0"]
        self.generation = 0
        """Of signed addresses: those of an older one have expired."""
        self.slow = 0.0
        """Seconds that the store takes for a part."""
        self.verdict: tuple[str, str | None] = ("READY", None)
        self.checksum: str | None = None
        self.url = ""
        self.lock = threading.Lock()

    @property
    def access(self) -> Access:
        return Access(self.url, "an-id", "a-secret")

    def fails(self, name: str) -> bool:
        with self.lock:
            if self.faults[name] <= 0:
                return False
            self.faults[name] -= 1
            return True

    def view(self, file_id: str) -> dict[str, Any]:
        file, there = self.files[file_id], sorted(self.parts[file_id])
        every = range(1, file["part_count"] + 1)
        arrived = sum(map(len, self.parts[file_id].values()))
        return file | {
            "parts_present": there,
            "missing_parts": [number for number in every if number not in there],
            "uploaded_bytes": arrived,
            "percent": 100 * arrived // file["size"],
        }

    def signed(self, file_id: str, number: int) -> dict[str, Any]:
        url = f"{self.url}/s3/{file_id}/{number}?signed={self.generation}"
        return {"part_number": number, "url": url}

    def initiate(self, body: dict[str, Any]) -> dict[str, Any]:
        file_id, part_size = str(uuid.uuid4()), body.get("part_size", 1024 * 1024)
        count = -(-body["size"] // part_size)
        self.files[file_id] = {
            **body,
            "file_id": file_id,
            "status": "UPLOADING",
            "part_size": part_size,
            "part_count": count,
            "checksum": None,
            "reason": None,
        }
        self.parts[file_id] = {}
        urls = [self.signed(file_id, number) for number in range(1, min(count, 3) + 1)]
        return self.files[file_id] | {"upload_urls": urls}

    def complete(self, file_id: str, checksum: str) -> tuple[int, dict[str, Any]]:
        view = self.view(file_id)
        if view["missing_parts"]:
            return 409, {"code": "parts_missing", "missing_parts": view["missing_parts"]}
        content = b"".join(self.parts[file_id][n] for n in sorted(self.parts[file_id]))
        self.contents[file_id] = content
        right = written(crc64nvme(content))
        status, reason = self.verdict if checksum == right else ("REJECTED", "checksum_mismatch")
        ours = {"checksum": self.checksum or right, "reason": reason, "checksum_verified": True}
        self.files[file_id] |= {"status": "CHECKING", "_then": status, **ours}
        return 202, self.view(file_id)
