"""Files: begin, resume, complete and abort uploads; fetch. The bytes pass by here, not through."""

from __future__ import annotations

from chat4all.api.views.files import FileOut, PartUrls, UploadOut
from chat4all.bootstrap.chat import downloads, uploads
from chat4all.bootstrap.privacy import deleting
from chat4all.caller import Caller
from chat4all.file import NewFile
from chat4all.observability import logger
from chat4all.uploads import MAX_URLS


def initiate(caller: Caller, new: NewFile) -> UploadOut:
    """With where to PUT the first hundred parts."""
    file = uploads().initiate(caller, new)
    urls = uploads().part_urls(file, range(1, MAX_URLS + 1))
    logger().info("upload begun", file_id=file.file_id, size=file.size)
    return UploadOut.begun(file, urls)


def part_urls(caller: Caller, file_id: str, first: int = 1, count: int = MAX_URLS) -> PartUrls:
    """Where to PUT more parts, or the same again: 1 to 100 of them, from part `first` on."""
    file = uploads().uploading(caller, file_id)
    return PartUrls.of(uploads().part_urls(file, range(first, first + count)))


def get(caller: Caller, file_id: str) -> FileOut:
    """While it is UPLOADING, with the parts that are there."""
    return FileOut.of(uploads().show(caller, file_id))


def complete(caller: Caller, file_id: str, checksum: str | None = None) -> FileOut:
    """All parts are there. It is CHECKING then, or as the check left it when it was done before."""
    file = uploads().complete(caller, file_id, checksum)
    logger().info("upload complete", file_id=file_id, status=file.status)
    return FileOut.of_file(file)


def delete(caller: Caller, file_id: str) -> None:
    """A file, or an upload that has not ended."""
    deleting().delete(caller, file_id)


def content_url(caller: Caller, file_id: str, inline: bool = False) -> str:
    """Where to fetch it, for five minutes. `inline` is for what browsers show by themselves."""
    return downloads().content_url(caller, file_id, inline=inline)


def linked_url(token: str) -> str:
    """The same, for whoever has the link that stood in a text."""
    return downloads().linked_url(token)
