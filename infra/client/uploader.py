"""Upload a file: parts side by side, resumed where it stopped, checked from end to end."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.client import checksums
from infra.client.api import FilesApi
from infra.client.errors import ClientError, Problem, Rejected
from infra.client.events import Checking, Event, Notice, Sent, Started, Target, Uploaded
from infra.client.journal import Entry, Journal, Source
from infra.client.parts import UploadGone
from infra.client.sending import Sending
from infra.local.home import Home

CHECK_LASTS = 900.0  # seconds to wait for the API to have looked at the file
OVER = {"ABORTED": "was aborted", "REJECTED": "was rejected", "DELETED": "was deleted"}


class Uploader:
    """Uploads files over one API client. Memory: `parallel` times the size of a part."""

    def __init__(
        self,
        api: FilesApi,
        home: Home,
        parallel: int = 4,
        part_size: int | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
    ) -> None:
        """`on_event` is called by several threads. What a next run needs is kept in `home`."""
        self.api, self.home, self.parallel, self.part_size = api, home, parallel, part_size
        self.on_event = on_event

    def upload(
        self,
        path: Path,
        content_type: str = "application/octet-stream",
        target: Target | None = None,
    ) -> Uploaded:
        """Returns once the file is READY with the checksum of ours, and its message accepted.

        After any end but this one and Rejected the same call resumes it, also in another process.

        Raises:
            Rejected: the API looked at the file and did not accept it.
            ClientError: anything else; Stopped when `api.stop` was set.
        """
        began, source, target = time.monotonic(), Source.of(path), target or Target()
        journal = Journal(
            self.home, self.api.access.api_url, source.path, target.user_id, target.conversation_id
        )
        with journal.locked(), ThreadPoolExecutor(1) as side:
            leave = threading.Event()
            sha256 = side.submit(checksums.sha256_of, source.path, leave)
            try:
                file, checksum, rate = self._deliver(journal, source, content_type, target)
                self._agree(file, checksum, journal)
                message_id = self._tell(file, target)
                journal.forget()
                return Uploaded(
                    file, checksum, sha256.result(), time.monotonic() - began, rate, message_id
                )
            except BaseException:
                leave.set()
                raise

    def _deliver(
        self, journal: Journal, source: Source, content_type: str, target: Target
    ) -> tuple[dict[str, Any], str, float]:
        """The file as it was checked, our checksum of it, and the rate of sending."""
        begun = self._begun(journal, source)
        for _ in range(3):
            entry, file = begun or self._initiate(journal, source, content_type, target)
            self.on_event(Started(entry.file_id, entry.size, int(file.get("uploaded_bytes") or 0)))
            urls = {given["part_number"]: given["url"] for given in file.get("upload_urls", ())}
            sending = Sending(self.api, journal, entry, self.parallel, urls, self._heard)
            try:
                rate = sending.run(file)
                self._unchanged(source, entry, journal)
                checksum = sending.checksum()
                if file["status"] == "UPLOADING":
                    file = self.api.complete(entry.file_id, checksum)
                self.on_event(Checking())
                return self._checked(file), checksum, rate
            except Problem as problem:
                if problem.code != "parts_missing":
                    raise
                self.on_event(Notice("Some parts are missing after all; sending them again."))
                begun = entry, self.api.file(entry.file_id)
            except UploadGone:
                begun = self._begun(journal, source, lost=True)
        raise ClientError("The upload does not come to an end. Run it again to resume.")

    def _begun(
        self, journal: Journal, source: Source, lost: bool = False
    ) -> tuple[Entry, dict[str, Any]] | None:
        """What was begun and can be gone on with; `lost`: not if its parts are still awaited."""
        if (entry := journal.read()) is None:
            return None
        file = self._view(entry)
        if not entry.is_of(source):
            why = "The file has changed since its upload began"
        elif file is None:
            why = "The API does not know the upload any more"
        elif file["status"] in OVER:
            why = f"The upload {OVER[file['status']]}"
        elif lost and file["status"] == "UPLOADING":
            why = "The object store does not know the upload any more"
        else:
            self.on_event(Notice(f"Going on with {entry.file_id}: {file['percent']} % is there."))
            return entry, file
        self.on_event(Notice(f"{why}: starting anew."))
        self._leave(entry, journal)
        return None

    def _view(self, entry: Entry) -> dict[str, Any] | None:
        try:
            return self.api.file(entry.file_id)
        except Problem as problem:
            if problem.status != 404:
                raise
            return None

    def _leave(self, entry: Entry, journal: Journal) -> None:
        with suppress(Problem):  # as when it is over already
            self.api.abort(entry.file_id)
        journal.forget()

    def _initiate(
        self, journal: Journal, source: Source, content_type: str, target: Target
    ) -> tuple[Entry, dict[str, Any]]:
        new = {"filename": source.path.name, "size": source.size, "content_type": content_type}
        of = {"conversation_id": target.conversation_id, "user_id": target.user_id}
        file = self.api.initiate({**new, "part_size": self.part_size, **of})
        whose = (file["file_id"], str(source.path), source.size, source.mtime_ns)
        entry = Entry(*whose, part_size=file["part_size"])
        journal.write(entry)
        return entry, file

    def _unchanged(self, source: Source, entry: Entry, journal: Journal) -> None:
        if Source.of(source.path) != source:
            self._leave(entry, journal)
            raise ClientError("The file changed while it was uploaded. Run it again.")

    def _checked(self, file: dict[str, Any]) -> dict[str, Any]:
        """The file once it is READY or REJECTED."""
        deadline, seconds = time.monotonic() + CHECK_LASTS, 0.05
        while file["status"] == "CHECKING":
            if time.monotonic() > deadline:
                raise ClientError("The file is still being checked. Run it again to see.")
            self.api.pause(seconds)
            seconds = min(seconds * 1.5, 1.0)
            file = self.api.file(file["file_id"])
        return file

    def _agree(self, file: dict[str, Any], checksum: str, journal: Journal) -> None:
        if file["status"] != "READY":
            journal.forget()
            raise Rejected(file)
        if file["checksum"] != checksum:
            journal.forget()
            raise ClientError(
                f"The stored file has checksum {file['checksum']}, not {checksum}: do not use it."
            )

    def _tell(self, file: dict[str, Any], target: Target) -> str | None:
        if target.conversation_id is None or target.user_id is None:
            return None
        return self.api.send_file(
            target.conversation_id, target.user_id, file["file_id"], target.caption
        )

    def _heard(self, news: int | str) -> None:
        self.on_event(Sent(news) if isinstance(news, int) else Notice(news))
