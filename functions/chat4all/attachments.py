"""A message's file, made ready for a channel: as an attachment, or as a link in a text."""

from __future__ import annotations

from chat4all.delivery import Delivery
from chat4all.downloads import Downloads
from chat4all.errors import TryLater, Undeliverable
from chat4all.file import OVER, File, FileStatus, readable_size
from chat4all.message import FileContent, TextPayload
from chat4all.ports import Attachment, Connector, FileStore


class Attachments:
    def __init__(self, files: FileStore, downloads: Downloads) -> None:
        self._files = files
        self._downloads = downloads

    def resolve(
        self, delivery: Delivery, connector: Connector
    ) -> tuple[Delivery, Attachment | None]:
        """What to send: the delivery with its file, or with a text that leads to it.

        Raises:
            TryLater: the file is not READY yet.
            Undeliverable: it never will be.
        """
        content = delivery.payload
        if not isinstance(content, FileContent):
            return delivery, None
        file = self._files.get(content.file_id)
        if file is None or file.status in OVER:
            reason = file.detail or str(file.status) if file else "It is not stored."
            raise Undeliverable("file_not_available", reason)
        if file.status is not FileStatus.READY or file.size is None:
            raise TryLater("file_not_ready", f"The file is {file.status}.", attempted=False)
        if connector.takes(file.content_type, file.size):
            url = self._downloads.provider_url(file)
            return delivery, Attachment(file.filename, file.content_type, file.size, url)
        text = TextPayload(type="text", text=self._with_link(file, file.size, content.caption))
        return delivery.model_copy(update={"payload": text}), None

    def _with_link(self, file: File, size: int, caption: str | None) -> str:
        about = f"{file.filename} ({readable_size(size)})"
        return "\n".join(filter(None, (caption, about, self._downloads.new_link(file))))
