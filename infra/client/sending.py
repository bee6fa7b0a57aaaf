"""The parts of one upload that are not there yet, several at a time."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any, BinaryIO

from infra.client import checksums
from infra.client.api import FilesApi, open_pool
from infra.client.errors import ClientError
from infra.client.journal import Entry, Journal
from infra.client.parts import PartSender, Urls


class Sending:
    """Each worker has a buffer of one part, and reads the parts that it takes into it."""

    def __init__(
        self,
        api: FilesApi,
        journal: Journal,
        entry: Entry,
        parallel: int,
        urls: dict[int, str],
        heard: Callable[[int | str], None],
    ) -> None:
        """`urls`: those that the API gave already. `heard` gets bytes that went out, and words."""
        self._api, self._journal, self._entry = api, journal, entry
        self._count = -(-entry.size // entry.part_size)
        self._workers = min(parallel, self._count)
        known = Urls(api, entry.file_id, urls)
        pool = open_pool(self._workers, api.access.ca_file)
        self._sender = PartSender(api, pool, known, heard, heard)
        self._numbers: Iterator[int] = iter(())
        self._taking, self._sent = Lock(), 0

    def run(self, file: dict[str, Any]) -> float:
        """Send what the API says it does not have; the rate, in million bytes a second.

        Raises:
            ClientError: why a part cannot be sent; the others end with those in hand.
        """
        began = time.monotonic()
        every = range(1, self._count + 1)
        present = set(file.get("parts_present", ()))
        if file["status"] != "UPLOADING":  # completed: its parts are one
            present = set(every)
        known = self._entry.checksums
        self._numbers = iter([n for n in every if n not in present or str(n) not in known])
        pool = ThreadPoolExecutor(self._workers)
        working = [pool.submit(self._work, present) for _ in range(self._workers)]
        try:
            ended, _ = wait(working, return_when=FIRST_EXCEPTION)
        except KeyboardInterrupt:
            self._api.stop.set()  # they end by themselves, at the latest when their network does
            pool.shutdown(wait=False)
            raise
        if any(worker.exception() for worker in ended):
            self._numbers = iter(())
        pool.shutdown()
        for worker in working:
            worker.result()
        return self._sent / 1e6 / (time.monotonic() - began) if self._sent else 0.0

    def checksum(self) -> str:
        """Of the whole file; run() must have returned."""
        crcs = self._entry.checksums
        return checksums.combined(
            (crcs[str(number)], self._length(number)) for number in range(1, self._count + 1)
        )

    def _work(self, present: set[int]) -> None:
        block = memoryview(bytearray(min(self._entry.part_size, self._entry.size)))
        with open(self._entry.path, "rb", buffering=0) as file:
            while number := self._next():
                part = block[: self._length(number)]
                self._read(file, number, part)
                crc = checksums.crc64nvme(part)
                if number not in present:
                    self._sender.send(number, part)
                    with self._taking:
                        self._sent += len(part)
                self._journal.record(self._entry, number, crc)

    def _next(self) -> int | None:
        with self._taking:
            return next(self._numbers, None)

    def _length(self, number: int) -> int:
        start = (number - 1) * self._entry.part_size
        return min(self._entry.part_size, self._entry.size - start)

    def _read(self, file: BinaryIO, number: int, part: memoryview) -> None:
        file.seek((number - 1) * self._entry.part_size)
        got = 0
        while got < len(part):
            count = file.readinto(part[got:])  # type: ignore[attr-defined]
            if not count:
                raise ClientError("The file got shorter while it was uploaded. Run it again.")
            got += count
