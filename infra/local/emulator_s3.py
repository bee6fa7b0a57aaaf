"""Patches of MiniStack's S3, for files of gigabytes. ministack_launcher.py says when they apply.

Unpatched, parts and objects are bytes in memory, a completion joins and hashes all of them, a
download copies its object, and CRC64NVME is computed byte by byte in Python. Here:

1. CRC64NVME is awscrt's, where that is installed.
2. Parts of a MiB and more are written to one file for each upload, at the places that they will
   have in the object: a completion has nothing to move. The file is deleted when nothing refers
   to it any more, as after an abort or when the object is deleted.
3. A part's MD5 is computed once, not again for its ETag and for the completion.
4. An object in a file is a read-only mmap, sent piece by piece for as long as somebody reads.
5. CRC64NVME of a multipart upload is that of the whole object (FULL_OBJECT: AWS has no other),
   combined from those of the parts and compared with the one that a completion names.

Where there is no function to wrap, a line of the source is changed. It must be there once.
"""

import asyncio
import base64
import inspect
import sys
from types import ModuleType
from typing import Any

from infra.local.emulator_files import Mapped, Part, Spool, Window, map_file

try:
    from awscrt.checksums import combine_crc64nvme, crc64nvme
except ImportError:
    combine_crc64nvme = crc64nvme = None

BIG = 1024 * 1024  # bytes from which a part is kept in a file
WHOLE = "CRC64NVME"

LINES = {
    "_create_multipart_upload": {
        '"x-amz-checksum-type"] = "COMPOSITE"': (
            '"x-amz-checksum-type"] = _chat4all.checksum_type(checksum_algorithm)'
        ),
    },
    "_upload_part": {
        """f'"{md5_hash(body)}"'""": """f'"{_chat4all.checked_md5(headers) or md5_hash(body)}"'""",
        '"body": body,': '"body": _chat4all.keep_part(upload, pn, body),',
    },
    "_complete_multipart_upload": {
        'hashlib.md5(stored["body"]).digest()': """bytes.fromhex(stored["etag"].strip('"'))""",
        'b"".join(combined_parts)': "_chat4all.join(upload, combined_parts)",
        "_composite_checksum(checksum_algorithm, part_digests)": (
            "_chat4all.checksum_of(checksum_algorithm, part_digests, combined_parts)"
            " or _composite_checksum(checksum_algorithm, part_digests)"
        ),
        '"checksum_type": "COMPOSITE" if composite': (
            '"checksum_type": _chat4all.checksum_type(checksum_algorithm) if composite'
        ),
        '"ChecksumType").text = "COMPOSITE"': (
            '"ChecksumType").text = _chat4all.checksum_type(checksum_algorithm)'
        ),
    },
    "_get_object": {
        "body[offset : offset + length]": "_chat4all.cut(body, offset, offset + length)",
        "body[start : end + 1]": "_chat4all.cut(body, start, end + 1)",
    },
    "_get_object_attributes": {
        '"COMPOSITE" if record.get("parts")': (
            'record["checksum_type"] if record.get("checksum_type") else '
            '"COMPOSITE" if record.get("parts")'
        ),
    },
}


def patch_s3(s3: Any) -> None:
    """Apply all of them.

    Raises:
        LookupError: MiniStack's source is not the one that they were written for.
    """
    s3._chat4all = sys.modules[__name__]
    for name, lines in LINES.items():
        change_lines(s3, name, lines)
    if crc64nvme is not None:
        s3._crc64nvme = crc64nvme
    keep_objects_in_files(s3)
    send_piecewise(s3)


def change_lines(module: ModuleType, name: str, lines: dict[str, str]) -> None:
    """Define a module's function again with some text replaced; its line numbers stay.

    Raises:
        LookupError: a text is not there exactly once.
    """
    function = getattr(module, name)
    source = inspect.getsource(function)
    for old, new in lines.items():
        if source.count(old) != 1:
            raise LookupError(f"{name} of MiniStack has {source.count(old)} times: {old}")
        source = source.replace(old, new)
    above = "\n" * (function.__code__.co_firstlineno - 1)
    code = compile(above + source, str(module.__file__), "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102 - MiniStack's own source, with our lines


def keep_objects_in_files(s3: Any) -> None:
    """With S3_PERSIST the upload's file becomes the object's, and is mapped to be read."""
    write, read, read_whole = s3._atomic_write, s3._read_body, s3._get_object_data

    def atomic_write(path: str, data: Any, **options: Any) -> None:
        spool = data.spool if isinstance(data, Mapped) else None
        if spool is None or not spool.move(path):
            write(path, data, **options)

    def read_body(bucket: str, key: str, record: dict[str, Any]) -> Any:
        stored = record.get("body") is None and s3.S3_PERSIST
        if stored and (record.get("size") or 0) >= BIG:
            try:
                with open(s3._object_disk_path(bucket, key), "rb") as file:
                    return map_file(file)
            except (OSError, ValueError, TypeError):
                pass  # told by the original
        return read(bucket, key, record)

    def get_object_data(*which: Any, **options: Any) -> Any:
        data = read_whole(*which, **options)  # for other services, such as a function's code
        return data[:] if isinstance(data, Mapped) else data

    s3._atomic_write, s3._read_body, s3._get_object_data = atomic_write, read_body, get_object_data


def send_piecewise(s3: Any) -> None:
    """Answer requests for objects in files with a stream. Calls inside get bytes or a mapping."""
    from ministack.core.responses import StreamingResponse

    original = s3._dispatch

    def dispatch(*request: Any) -> Any:
        status, headers, body = original(*request)
        if isinstance(body, Mapped):
            body = Window(body, 0, len(body))
        if not isinstance(body, Window):
            return status, headers, body

        async def run(send: Any, receive: Any) -> None:
            async def disconnect() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass

            gone = asyncio.ensure_future(disconnect())
            try:
                for piece in body.pieces():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    await asyncio.sleep(0)
                    if gone.done():
                        return
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                gone.cancel()

        return status, headers, StreamingResponse(run)

    s3._dispatch = dispatch


def checked_md5(headers: dict[str, str]) -> str | None:
    """The MD5 in hex that the request named. S3 has compared it with the body by then."""
    named = headers.get("content-md5")
    return base64.b64decode(named).hex() if named else None


def keep_part(upload: dict[str, Any], number: int, body: bytes) -> Part | bytes:
    if len(body) < BIG:
        return body
    if "spool" not in upload:
        upload["spool"] = Spool()
    part: Part = upload["spool"].keep(number, body)
    return part


def join(upload: dict[str, Any], parts: list[Any]) -> Any:
    return upload["spool"].join(parts) if "spool" in upload else b"".join(parts)


def cut(body: Any, start: int, end: int) -> Any:
    return Window(body, start, end) if isinstance(body, Mapped) else body[start:end]


def checksum_type(algorithm: str) -> str:
    return "FULL_OBJECT" if algorithm == WHOLE and combine_crc64nvme else "COMPOSITE"


def checksum_of(algorithm: str, checksums: list[str], parts: list[Any]) -> str | None:
    """The checksum of the object from those of its parts; None where it is made of their hashes."""
    if checksum_type(algorithm) != "FULL_OBJECT" or not all(checksums):
        return None
    whole = 0
    for checksum, part in zip(checksums, parts, strict=True):
        whole = combine_crc64nvme(whole, int.from_bytes(base64.b64decode(checksum)), len(part))
    return base64.b64encode(whole.to_bytes(8)).decode()
