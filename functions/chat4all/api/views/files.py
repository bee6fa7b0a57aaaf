"""Files and uploads."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.file import File, FileStatus
from chat4all.timestamps import iso
from chat4all.upload_progress import PartUrl, Progress
from chat4all.uploads import URL_SECONDS


class PartUrlOut(View):
    part_number: int
    size: int | None = Field(description="Exactly so many bytes.")
    url: str = Field(description="PUT them here; no header is needed.")


def _parts(urls: Sequence[PartUrl]) -> list[PartUrlOut]:
    return [PartUrlOut(part_number=u.number, size=u.size, url=u.url) for u in urls]


def _expiry() -> str:
    return iso((int(time.time()) + URL_SECONDS) * 1000)


class PartUrls(View):
    items: list[PartUrlOut]
    expires_at: str = Field(description="When these URLs end. Ask again for others.")

    @classmethod
    def of(cls, urls: Sequence[PartUrl]) -> PartUrls:
        return cls(items=_parts(urls), expires_at=_expiry())


class FileOut(View):
    file_id: str
    status: FileStatus
    filename: str = Field(
        description="As it is saved under: cleaned of what is no name. Empty once it is DELETED."
    )
    size: int | None
    content_type: str
    owner: str | None = Field(description="Whose it is; null for this deployment's services.")
    origin: str | None = Field(description="The channel it came in by; null for the API.")
    part_size: int
    part_count: int | None
    parts_present: list[int] = Field(description="While UPLOADING, as the store has them.")
    missing_parts: list[int]
    uploaded_bytes: int
    percent: float
    checksum: str | None = Field(description="CRC64NVME of the whole file, in base64.")
    checksum_verified: bool = Field(description="The store compared yours with what it has.")
    sha256: str | None = Field(description="As the client said, or as we saw it come in.")
    reason: str | None = Field(description="Why it is REJECTED, ABORTED or DELETED: a stable code.")
    detail: str | None
    created_at: str
    upload_expires_at: str | None = Field(description="When it ends, while UPLOADING.")

    @classmethod
    def of_file(cls, file: File) -> FileOut:
        return cls.of(Progress(file, []))

    @classmethod
    def of(cls, progress: Progress) -> FileOut:
        file = progress.file
        present = [part.number for part in progress.present]
        there = sum(part.size for part in progress.present)
        if file.status in (FileStatus.CHECKING, FileStatus.READY):
            present = list(range(1, (file.part_count or 0) + 1))
            there = file.size or 0
        return cls(
            **file.model_dump(include=set(_SAME)),
            **{name: getattr(file, name) or None for name in _LET_GO},
            part_count=file.part_count,
            parts_present=present,
            missing_parts=progress.missing,
            uploaded_bytes=there,
            percent=round(100 * there / file.size, 1) if file.size else 0.0,
            created_at=iso(file.created_at),
            upload_expires_at=iso(file.upload_expires_at)
            if file.status is FileStatus.UPLOADING
            else None,
        )


_SAME = (
    "file_id",
    "status",
    "filename",
    "size",
    "content_type",
    "owner",
    "origin",
    "part_size",
    "checksum_verified",
    "reason",
)
_LET_GO = ("checksum", "sha256", "detail")
"""Empty once a file is DELETED."""


class UploadOut(View):
    file_id: str
    status: FileStatus
    filename: str
    size: int | None
    content_type: str
    part_size: int
    part_count: int | None
    upload_url: str | None = Field(description="Of the only part, if there is one only.")
    upload_urls: list[PartUrlOut] = Field(description="Of the first hundred parts.")
    expires_at: str = Field(description="When these URLs end. Ask again for others.")
    upload_expires_at: str = Field(description="When an unfinished upload ends.")

    @classmethod
    def begun(cls, file: File, urls: Sequence[PartUrl]) -> UploadOut:
        return cls(
            file_id=file.file_id,
            status=file.status,
            filename=file.filename,
            size=file.size,
            content_type=file.content_type,
            part_size=file.part_size,
            part_count=file.part_count,
            upload_url=urls[0].url if len(urls) == 1 else None,
            upload_urls=_parts(urls),
            expires_at=_expiry(),
            upload_expires_at=iso(file.upload_expires_at),
        )
