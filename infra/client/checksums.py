"""The checksums of a file: CRC64NVME from those of its parts, as S3 has it, and SHA-256."""

import base64
import hashlib
import threading
from collections.abc import Iterable
from pathlib import Path

from awscrt import checksums

from infra.client.errors import Stopped

BLOCK = 1024 * 1024


def crc64nvme(data: bytes | memoryview, before: int = 0) -> int:
    """The CRC of `data`, or of all until now when `before` is that of what came before."""
    return int(checksums.crc64nvme(data, before))


def combined(parts: Iterable[tuple[int, int]]) -> str:
    """The whole's checksum from the parts' CRC and length, in order; as S3 writes it."""
    whole = 0
    for crc, length in parts:
        whole = checksums.combine_crc64nvme(whole, crc, length)
    return written(whole)


def written(crc: int) -> str:
    """As S3 and the API write it: base64 of eight bytes, the highest first."""
    return base64.b64encode(crc.to_bytes(8, "big")).decode()


def sha256_of(path: Path, stop: threading.Event) -> str:
    """In hex. Reads the file from the start to the end; raises Stopped when asked to."""
    digest, block = hashlib.sha256(), memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            if stop.is_set():
                raise Stopped("Stopped.")
            digest.update(block[:count])
    return digest.hexdigest()
