"""Give a file its next status when somebody else may be doing the same."""

from __future__ import annotations

from chat4all.errors import Raced
from chat4all.file import File, FileStatus
from chat4all.ports import FileStore


def settle(files: FileStore, file: File, status: FileStatus, **facts: object) -> File:
    """The file as it is then: with this status, or with the one that another gave it first."""
    try:
        return files.move(file, status, **facts)
    except Raced:
        return files.get(file.file_id) or file
