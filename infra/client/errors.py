"""ClientError         what went wrong and what to do, for people
├── Problem         the API refused; with its status and code
│   └── Unreachable it did not answer, or not with a success, however often it was asked
├── Rejected        the file was checked and not accepted
└── Stopped         somebody asked to stop
"""

from typing import Any


class ClientError(Exception):
    """The message says what to do."""


class Problem(ClientError):
    """An answer of the API that is no success. `code` is stable, see docs/api.md."""

    def __init__(self, what: str, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body
        self.code = str(body.get("code", ""))
        told = body.get("detail") or body.get("title") or body.get("message") or "no details"
        super().__init__(f"{what}: {status} {self.code or 'without a code'}: {told}")


class Unreachable(Problem):
    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, 0, {"code": "unreachable"})
        self.args = (f"The API does not answer ({what}): {why}",)


class Rejected(ClientError):
    """The API's view of the file has the `reason` and a `detail`."""

    def __init__(self, file: dict[str, Any]) -> None:
        self.file = file
        self.reason = str(file.get("reason"))
        super().__init__(
            f"The file was rejected: {self.reason}. {file.get('detail') or ''}".strip()
        )


class Stopped(ClientError):
    """Nothing is lost: what arrived is there when the same is run again."""
