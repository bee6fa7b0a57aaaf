"""The API's routes for files, with a token that renews itself and patience with bad networks."""

import json
import random
import threading
import uuid
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from infra.client.access import Access
from infra.client.errors import Problem, Stopped, Unreachable

WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between attempts; up to half as much again, so that clients do not come in step."""
FIRST_CONTACT = 4
"""Waits for an API that never answered yet: perhaps its address is wrong."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that another attempt may not meet."""
MINUTE = 60.0
TIMEOUT = urllib3.Timeout(connect=30, read=60)


def open_pool(connections: int = 16, ca_file: str | None = None) -> urllib3.PoolManager:
    """Connections that follow no redirect and repeat nothing by themselves. With a `ca_file`, only
    to servers whose certificates it signed.

    The API and its object store may share a host, so what is meant for one must not be sent to
    the other by a redirect: a token to a signed address least of all.
    """
    return urllib3.PoolManager(
        maxsize=connections, block=True, retries=False, timeout=TIMEOUT, ca_certs=ca_file
    )


class FilesApi:
    """One API client, for any number of threads. Every call may be repeated, and is."""

    def __init__(
        self,
        access: Access,
        stop: threading.Event | None = None,
        waits: tuple[float, ...] = WAITS,
    ) -> None:
        self.access, self.waits = access, waits
        self.stop = stop or threading.Event()
        """Set it, and every call and wait ends with Stopped."""
        self.pool = open_pool(ca_file=access.ca_file)
        self._token: str | None = None
        self._renewing = threading.Lock()
        self._known = False

    def pause(self, seconds: float) -> None:
        """Raises Stopped if it is asked for before the time is over."""
        if self.stop.wait(seconds * random.uniform(1, 1.5)):  # noqa: S311 - no secret
            raise Stopped("Stopped.")

    def answer(self, method: str, path: str, body: Any = None) -> urllib3.BaseHTTPResponse:
        """Any answer below 400.

        Raises:
            Problem: the API refused.
            Unreachable: it did not answer, or failed, at every attempt.
        """
        what, why, renewed = f"{method} {path}", "", False
        waits = iter(self.waits)
        while True:
            token, asked = self._valid_token(), 0.0
            try:
                answer = self._request(method, path, body, {"Authorization": f"Bearer {token}"})
            except HTTPError as error:
                why = str(error)
            else:
                if answer.status < 400:
                    return answer
                if answer.status == 401 and not renewed:
                    renewed = True
                    self._forget(token)
                    continue
                if answer.status not in PASSING:
                    raise Problem(what, answer.status, _json(answer))
                why = f"{answer.status} {_json(answer).get('detail', '')}"
                asked = _asked_to_wait(answer)
            if (seconds := next(waits, None)) is None:
                raise Unreachable(what, why)
            self.pause(max(seconds, asked))

    def ok(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        return _json(self.answer(method, path, body))

    def initiate(self, new_file: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in new_file.items() if value is not None}
        return self.ok("POST", "/v1/files/initiate", given)

    def urls(self, file_id: str, first: int, count: int) -> dict[int, str]:
        """Signed addresses of up to so many parts, from `first` on."""
        page = self.ok("GET", f"/v1/files/{file_id}/parts?from={first}&count={min(count, 100)}")
        return {item["part_number"]: item["url"] for item in page["items"]}

    def file(self, file_id: str) -> dict[str, Any]:
        return self.ok("GET", f"/v1/files/{file_id}")

    def complete(self, file_id: str, checksum: str) -> dict[str, Any]:
        return self.ok("POST", f"/v1/files/{file_id}/complete", {"checksum": checksum})

    def abort(self, file_id: str) -> None:
        self.answer("DELETE", f"/v1/files/{file_id}")

    def content_url(self, file_id: str) -> str:
        """A signed address of the whole file, good for some minutes."""
        return str(self.answer("GET", f"/v1/files/{file_id}/content").headers["Location"])

    def open_conversation(self, *members: str) -> str:
        """The private conversation of two users, made if there is none."""
        body = {"type": "private", "members": list(members)}
        return str(self.ok("POST", "/v1/conversations", body)["conversation_id"])

    def send_file(
        self, conversation_id: str, sender: str, file_id: str, caption: str | None = None
    ) -> str:
        """The id of the message: of the same one if it is sent again."""
        name = "\x1f".join((conversation_id, sender, file_id, caption or ""))
        payload = {"type": "file", "file_id": file_id} | ({"caption": caption} if caption else {})
        body = {
            "message_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            "conversation_id": conversation_id,
            "from": sender,
            "payload": payload,
        }
        return str(self.ok("POST", "/v1/messages", body)["message_id"])

    def _valid_token(self) -> str:
        with self._renewing:
            if self._token is None:
                self._token = self._new_token()
            return self._token

    def _forget(self, token: str) -> None:
        with self._renewing:
            if self._token == token:  # else another thread has a new one already
                self._token = None

    def _new_token(self) -> str:
        who = {"client_id": self.access.client_id, "client_secret": self.access.client_secret}
        why = ""
        waits = self.waits if self._known else self.waits[:FIRST_CONTACT]
        for seconds in (*waits, None):
            try:
                answer = self._request("POST", "/auth/token", who, {})
            except HTTPError as error:
                why = str(error)
            else:
                self._known = True
                if answer.status == 200:
                    return str(_json(answer)["access_token"])
                if answer.status not in PASSING:
                    raise Problem("POST /auth/token", answer.status, _json(answer))
                why = str(answer.status)
            if seconds is not None:
                self.pause(seconds)
        raise Unreachable("POST /auth/token", why)

    def _request(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        if self.stop.is_set():
            raise Stopped("Stopped.")
        content = None if body is None else json.dumps(body)
        if content is not None:
            headers = {**headers, "Content-Type": "application/json"}
        url = f"{self.access.api_url}{path}"
        return self.pool.request(method, url, body=content, headers=headers, redirect=False)


def _asked_to_wait(answer: urllib3.BaseHTTPResponse) -> float:
    """Seconds until the caller's next minute, when this one is used up."""
    told = answer.headers.get("Retry-After", "") if answer.status == 429 else ""
    return min(float(told), MINUTE) if told.isdigit() else 0.0


def _json(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    try:
        return dict(json.loads(answer.data))
    except (ValueError, TypeError):
        return {}
