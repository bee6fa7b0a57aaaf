"""What people send on channels is a file at once, and fetched from the provider after (`fetching`).

So the message keeps its place in the conversation, and a slow provider holds nobody up. Who sends
the file on to a channel waits until it is READY.
"""

from __future__ import annotations

import mimetypes

from chat4all.content_types import UNKNOWN
from chat4all.delivery import InboundUpdate, MediaPayload
from chat4all.file import File, FileStatus, clean_name, media_type
from chat4all.file_jobs import MEDIA, FetchMedia
from chat4all.ids import derived_id
from chat4all.message import MAX_CAPTION, FileContent
from chat4all.ports import Clock, FileStore, Queue

_extensions = mimetypes.MimeTypes()  # Python's own table: machines have others besides
for _content_type, _extension in (
    ("audio/ogg", ".ogg"),
    ("audio/mp4", ".m4a"),
    ("audio/amr", ".amr"),
    ("video/3gpp", ".3gp"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
):
    _extensions.add_type(_content_type, _extension)


class Announcing:
    def __init__(self, files: FileStore, queue: Queue, clock: Clock) -> None:
        self._files = files
        self._queue = queue
        self._clock = clock

    def announce(self, update: InboundUpdate, media: MediaPayload, owner: str) -> FileContent:
        """Make a file of what a person sent and have it fetched; what the message says of it.

        Everything derives from the provider's id, so a repeat changes nothing.
        """
        file = self._files.add(
            File(
                file_id=derived_id("file", update.channel, update.provider_id),
                owner=owner,
                filename=clean_name(media.filename or name_of(media.content_type)),
                content_type=known_type(media.content_type),
                sha256=media.sha256,
                origin=update.channel,
                created_at=self._clock.now(),
            )
        )
        if file.status is FileStatus.UPLOADING:
            job = FetchMedia(
                file_id=file.file_id,
                channel=update.channel,
                media=media,
                message_id=derived_id("message", update.channel, update.provider_id),
            )
            self._queue.send(MEDIA, [job.outgoing()])
        return FileContent(
            type="file",
            file_id=file.file_id,
            caption=(media.caption or "")[:MAX_CAPTION] or None,
            filename=file.filename,
            content_type=file.content_type,
        )

    def share(self, content: FileContent, conversation_id: str) -> None:
        """The members of the conversation that the message went to may fetch it."""
        self._files.share(content.file_id, conversation_id, self._clock.now())


def name_of(content_type: str) -> str:
    """`image.jpg`, for what comes without a name."""
    kind = content_type.partition("/")[0]
    return f"{kind}{_extensions.guess_extension(known_type(content_type)) or ''}"


def known_type(content_type: str) -> str:
    try:
        return media_type(content_type)
    except ValueError:
        return UNKNOWN
