"""MiniStack's S3, patched, as a module of its own: its real source, but no server."""

import asyncio
import base64
import importlib.util
from typing import Any
from xml.etree import ElementTree

from awscrt.checksums import crc64nvme

from infra.local.emulator_s3 import BIG, patch_s3

PARTS = [bytes([number]) * (BIG + 17) for number in range(1, 4)] + [b"the rest"]
WHOLE = b"".join(PARTS)


def checksum(body: bytes) -> str:
    return base64.b64encode(crc64nvme(body).to_bytes(8)).decode()


class S3:
    """A patched copy of MiniStack's module, with one bucket."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("ministack.services.s3")
        assert found and found.loader
        self.module: Any = importlib.util.module_from_spec(found)
        found.loader.exec_module(self.module)
        patch_s3(self.module)
        assert self.call("PUT", "")[0] in (200, 409)  # 409: it was persisted

    def call(self, method: str, key: str = "k", body: bytes = b"", **request: Any) -> Any:
        """Status, headers and body; `q_name` is a query parameter, the rest are headers."""
        query = {n[2:]: [v] for n, v in request.items() if n.startswith("q_")}
        headers = {n.replace("_", "-"): v for n, v in request.items() if not n.startswith("q_")}
        return self.module._dispatch(method, "bucket", key, headers, body, query)

    def begin(self, **headers: Any) -> str:
        return text(self.call("POST", q_uploads="", **headers), "UploadId")

    def put(self, upload: str, number: int, body: bytes, **headers: Any) -> str:
        query: dict[str, Any] = {"q_uploadId": upload, "q_partNumber": str(number)}
        status, answered, _ = self.call("PUT", body=body, **query, **headers)
        assert status == 200
        return str(answered["ETag"])

    def complete(self, upload: str, count: int, **headers: Any) -> Any:
        numbers = "".join(f"<Part><PartNumber>{n + 1}</PartNumber></Part>" for n in range(count))
        body = f"<CompleteMultipartUpload>{numbers}</CompleteMultipartUpload>".encode()
        return self.call("POST", body=body, q_uploadId=upload, **headers)

    def upload(self, order: Any = range(4), parts: list[bytes] = PARTS, **headers: Any) -> Any:
        upload = self.begin(**headers)
        for index in order:
            self.put(upload, index + 1, parts[index])
        return self.complete(upload, len(parts))

    def read(self, **headers: Any) -> bytes:
        return b"".join(sent(self.call("GET", **headers)[2]))


def text(answer: Any, name: str) -> str:
    status, _, body = answer
    assert status == 200, body
    found = next(e for e in ElementTree.fromstring(body).iter() if e.tag.endswith(name))
    return str(found.text)


def sent(streaming: Any, leave_after: int | None = None) -> list[bytes]:
    """What goes out, to a client that stays or leaves after so many pieces."""
    pieces: list[bytes] = []
    gone = asyncio.Event()
    requests = [{"type": "http.request"}]

    async def receive() -> dict[str, str]:
        if not requests:
            await gone.wait()
        return requests.pop() if requests else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pieces.append(message["body"])
        if len(pieces) == leave_after:
            gone.set()

    asyncio.run(streaming.runner(send, receive))
    return pieces
