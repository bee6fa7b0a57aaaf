"""Files and their bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from chat4all.adapters.memory.store import MemoryStore
from chat4all.errors import BadContent, Raced, Unavailable, UploadGone
from chat4all.file import File, FileStatus
from chat4all.ids import new_id
from chat4all.ports import Begun, StoredObject, StoredPart


class MemoryFileStore:
    def __init__(self, store: MemoryStore) -> None:
        self._s = store
        self._shares: dict[str, dict[str, int]] = {}
        self._links: dict[str, tuple[str, int]] = {}

    def add(self, file: File) -> File:
        with self._s.lock:
            return self._s.files.setdefault(file.file_id, file)

    def get(self, file_id: str) -> File | None:
        return self._s.files.get(file_id)

    def move(self, file: File, status: FileStatus, **facts: Any) -> File:
        with self._s.lock:
            there = self._s.files.get(file.file_id)
            if there is None or there.status is not file.status:
                raise Raced(file.file_id)
            known = {name: value for name, value in facts.items() if value is not None}
            moved = there.model_copy(update={"status": status, **known})
            self._s.files[file.file_id] = moved
            return moved

    def owned(self, user_id: str, after: str | None, limit: int) -> list[tuple[str, str]]:
        mine = sorted(
            (f"{f.created_at:013d}#{f.file_id}", f.file_id)
            for f in self._s.files.values()
            if f.owner == user_id
        )
        return [(place, i) for place, i in mine if place > (after or "0")][:limit]

    def share(self, file_id: str, conversation_id: str, at: int) -> None:
        self._shares.setdefault(file_id, {}).setdefault(conversation_id, at)

    def shared_in(self, file_id: str) -> list[str]:
        return sorted(self._shares.get(file_id, {}))

    def add_link(self, token_sha256: str, file_id: str, expires_at: int) -> None:
        if token_sha256 in self._links:
            raise Raced("a link's token is taken")
        self._links[token_sha256] = (file_id, expires_at // 1000 * 1000)

    def linked(self, token_sha256: str, now: int) -> str | None:
        file_id, expires_at = self._links.get(token_sha256, (None, 0))
        return file_id if expires_at > now else None


class MemoryObjectStore:
    """Objects in a dict. Its checksums are of its own making: `checksum_of` says them."""

    def __init__(self) -> None:
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}
        self.objects: dict[str, bytes] = {}

    @staticmethod
    def checksum_of(content: bytes) -> str:
        """Not CRC64NVME, which would need a library for a fake: eight other bytes."""
        return base64.b64encode(hashlib.blake2b(content, digest_size=8).digest()).decode()

    def begin(self, key: str, content_type: str) -> Begun:
        upload_id = new_id()
        self.uploads[upload_id] = (key, {})
        return Begun(upload_id, verifies=True)

    def part_url(
        self, key: str, upload_id: str, number: int, size: int | None, seconds: int
    ) -> str:
        signed = {"uploadId": upload_id, "partNumber": number, "length": size, "expires": seconds}
        return f"https://files.invalid/{key}?{urlencode(signed)}"

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> None:
        self._upload(key, upload_id)[number] = content

    def _upload(self, key: str, upload_id: str) -> dict[int, bytes]:
        found, parts = self.uploads.get(upload_id, ("", {}))
        if found != key:
            raise UploadGone(key)
        return parts

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        return [
            StoredPart(number, len(content), self.checksum_of(content))
            for number, content in sorted(self._upload(key, upload_id).items())
        ]

    def finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], checksum: str | None
    ) -> None:
        there = self._upload(key, upload_id)
        content = b"".join(there[part.number] for part in parts)
        if checksum is not None and checksum != self.checksum_of(content):
            raise BadContent("checksum_mismatch", "The bytes have another checksum.")
        self.objects[key] = content
        del self.uploads[upload_id]

    def abort(self, key: str, upload_id: str) -> None:
        self.uploads.pop(upload_id, None)

    def look(self, key: str) -> StoredObject | None:
        content = self.objects.get(key)
        return None if content is None else StoredObject(len(content), self.checksum_of(content))

    def beginning(self, key: str, length: int) -> bytes:
        if key not in self.objects:
            raise Unavailable(key)
        return self.objects[key][:length]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def url(self, key: str, *, filename: str, content_type: str, inline: bool, seconds: int) -> str:
        shown = {"name": filename, "type": content_type, "inline": inline, "expires": seconds}
        return f"https://files.invalid/{key}?{urlencode(shown)}"
