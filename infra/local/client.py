"""What the demonstration, the end-to-end tests and the benchmark use: the public API over HTTP,
and the people in the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from infra.local import tls
from infra.local.running import Addresses

T = TypeVar("T")


class Api:
    """One caller of the API: a service, or a user when given their token."""

    def __init__(self, addresses: Addresses, token: str | None = None) -> None:
        self.addresses = addresses
        verify = tls.trusting(addresses.ca_file) if addresses.ca_file else True
        limits = httpx.Limits(max_connections=128)
        self.http = httpx.Client(timeout=30, limits=limits, verify=verify)
        self.token = token or self._service_token()

    def _service_token(self) -> str:
        answer = self.http.post(
            f"{self.addresses.api_url}/auth/token",
            json={
                "client_id": self.addresses.client_id,
                "client_secret": self.addresses.client_secret,
            },
        )
        return str(answer.raise_for_status().json()["access_token"])

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Any answer, whatever its status. A connection that the server had closed is made anew."""
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        request = {"json": body, "headers": headers, **options}
        url = f"{self.addresses.api_url}{path}"
        try:
            return self.http.request(method, url, **request)
        except httpx.RemoteProtocolError:
            return self.http.request(method, url, **request)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The body of an answer that must be a success."""
        answer = self.call(method, path, body, **options)
        if answer.is_error:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def as_user(self, user_id: str) -> Api:
        token = self.ok("POST", f"/v1/users/{user_id}/token", {})["access_token"]
        return self.with_token(token)

    def with_token(self, token: str) -> Api:
        """Another caller, at the same door."""
        return type(self)(self.addresses, token)

    def user(self, user_id: str, name: str, **identities: str) -> str:
        """Create a user; `channel=address` for each identity."""
        found = [{"channel": c, "address": a} for c, a in identities.items()]
        self.ok("PUT", f"/v1/users/{user_id}", {"name": name, "identities": found})
        return user_id

    def conversation(self, *members: str) -> str:
        kind = "private" if len(members) == 2 else "group"
        body = {"type": kind, "members": list(members)}
        return str(self.ok("POST", "/v1/conversations", body)["conversation_id"])

    def send(self, conversation_id: str, sender: str, text: str, **more: Any) -> str:
        body = {
            "conversation_id": conversation_id,
            "from": sender,
            "payload": {"type": "text", "text": text},
            **more,
        }
        return str(self.ok("POST", "/v1/messages", body)["message_id"])

    def message(self, message_id: str) -> Any:
        return self.ok("GET", f"/v1/messages/{message_id}")

    def history(self, conversation_id: str, **query: Any) -> list[Any]:
        """All of it, page by page."""
        items: list[Any] = []
        path = f"/v1/conversations/{conversation_id}/messages"
        while True:
            page = self.ok("GET", path, params=query)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            query["cursor"] = page["next_cursor"]

    def wait_for_status(self, message_id: str, *statuses: str, seconds: float = 20) -> Any:
        """The message, once it has one of the statuses."""
        return wait_until(
            lambda: found if (found := self.message(message_id))["status"] in statuses else None,
            f"message {message_id} to be {' or '.join(statuses)}",
            seconds,
        )


class Sandbox:
    """The people on the channels, and the faults of the channels."""

    def __init__(self, addresses: Addresses) -> None:
        self.url = addresses.sandbox_url
        self.http = httpx.Client(timeout=30)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.http.request(method, f"{self.url}/sandbox{path}", json=body, **options)
        if answer.is_error:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def inbox(self, address: str, channel: str) -> list[Any]:
        """What a person received, in order."""
        query = {"channel": channel}
        return list(self.ok("GET", f"/people/{address}/inbox", params=query)["items"])

    def texts(self, address: str, channel: str) -> list[str]:
        return [item["text"] for item in self.inbox(address, channel)]

    def writes(self, address: str, channel: str, text: str, **more: Any) -> str:
        """The person writes to our account; the provider's id for it."""
        body = {"channel": channel, "text": text, **more}
        return str(self.ok("POST", f"/people/{address}/messages", body)["id"])

    def fault(self, channel: str, kind: str, count: int = 1, **more: Any) -> None:
        self.ok("POST", "/faults", {"channel": channel, "kind": kind, "count": count, **more})


def wait_until(look: Callable[[], T | None], what: str, seconds: float = 20) -> T:
    """What `look` finds, once it finds something.

    Raises:
        AssertionError: it did not within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)
