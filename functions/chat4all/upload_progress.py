"""How far an upload has come, and where its next parts go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat4all.file import File, FileStatus
from chat4all.ports import StoredPart


@dataclass(frozen=True)
class PartUrl:
    number: int
    size: int | None
    url: str


@dataclass(frozen=True)
class Progress:
    """A file with the parts of it that the store has."""

    file: File
    present: Sequence[StoredPart]

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts that are not there, or not as long as they should be. Of a
        file of unknown length, the gaps between those that are."""
        if self.file.status is not FileStatus.UPLOADING:
            return []
        last = max((part.number for part in self.present), default=0)
        there = {p.number for p in self.present if self._fits(p)}
        return [n for n in range(1, (self.file.part_count or last) + 1) if n not in there]

    def _fits(self, part: StoredPart) -> bool:
        return part.size == (self.file.part_bytes(part.number) or part.size)
