"""People and what is theirs, for the authorisation matrix: Ana owns it, Bo is in her group, Leo
was, and Eve never."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

from chat4all.access.rules import Rule, Who
from chat4all.access.tokens import SCOPES, USER_SCOPES
from chat4all.delivery import ToRoute
from tests.cloud import Answer, Cloud
from tests.http_files import call, initiate, ready, uploaded
from tests.support.forging import BAD_TOKENS, altered

OWNER, MEMBER, LEFT, STRANGER = "ana", "bo", "leo", "eve"
EVERYBODY = (OWNER, MEMBER, "cy", LEFT, STRANGER)
NOWHERE: Mapping[str, str] = {"user_id": "nobody", "client_id": "c4a_0", "token": "n" * 22}
NO_UUID = "00000000-0000-4000-8000-000000000404"


class MatrixWorld:
    def __init__(self, stack: Cloud) -> None:
        from chat4all.bootstrap.access import clients

        self._stack = stack
        self.client = clients().register(name="matrix")
        for user in EVERYBODY:
            self.user(user)
        self.group = self.fresh_group()
        self.message = self._say(self.group)

    # Tokens, all of them issued by the API; those with other scopes are signed anew.

    @cached_property
    def _service_token(self) -> str:
        given = {
            "client_id": self.client.client_id,
            "client_secret": self.client.client_secret,
        }
        return str(_fine(call("POST", "/auth/token", given, public=True))["access_token"])

    @cache  # noqa: B019 (there is one world, as long as its tests run)
    def service(self, scopes: frozenset[str] = frozenset(SCOPES)) -> str:
        return altered(self._service_token, scope=" ".join(sorted(scopes)), rpm=None)

    @cache  # noqa: B019
    def user_token(self, user_id: str, scopes: frozenset[str] = frozenset(USER_SCOPES)) -> str:
        return altered(self._minted(user_id), scope=" ".join(sorted(scopes)), rpm=None)

    @cache  # noqa: B019
    def _minted(self, user_id: str) -> str:
        return str(_fine(call("POST", f"/v1/users/{user_id}/token", {}))["access_token"])

    @cache  # noqa: B019
    def bad(self, column: str, rule: Rule) -> str | None:
        """Made of one that the rule admits."""
        good = self.service() if rule.who is Who.SERVICE else self.user_token(OWNER)
        return BAD_TOKENS[column](good)

    # Objects, by the names that the table has for them. What begins with `fresh` is used up.

    def made(self, name: str, me: str) -> str:
        """The id of an object; of `mine`, it is the caller's own."""
        if name == "me":
            return me
        if name == "mine":
            return self.group if me in (OWNER, MEMBER) else self._pair(me, "cy")
        if name == "owner":
            return OWNER
        found = getattr(self, name)
        return str(found() if callable(found) else found)

    def user(self, user_id: str) -> str:
        _fine(call("PUT", f"/v1/users/{user_id}", {"name": user_id}))
        return user_id

    def fresh_client(self) -> str:
        new = {"name": "another", "scopes": ["users"]}
        return str(_fine(call("POST", "/v1/clients", new))["client_id"])

    def fresh_user(self) -> str:
        return self.user(f"user-{uuid4().hex[:8]}")

    def fresh_group(self) -> str:
        """Leo was in it for a moment."""
        members = [OWNER, MEMBER, "cy", LEFT]
        opened = _fine(call("POST", "/v1/conversations", {"type": "group", "members": members}))
        path = f"/v1/conversations/{opened['conversation_id']}/members/{LEFT}"
        assert call("DELETE", path).status == 204
        return str(opened["conversation_id"])

    @cached_property
    def file(self) -> str:
        """READY, Ana's, and shared in the group."""
        return self.fresh_file()

    def fresh_file(self) -> str:
        return ready(self._stack, OWNER, conversation_id=self.group)

    @cached_property
    def upload(self) -> str:
        """Begun by Ana, and shared in the group."""
        return str(initiate(user=OWNER, conversation_id=self.group).json["file_id"])

    def fresh_upload(self) -> str:
        """The same with all of its parts."""
        return uploaded(OWNER, conversation_id=self.group)

    @cached_property
    def link(self) -> str:
        from chat4all.bootstrap.chat import downloads
        from chat4all.bootstrap.parts import file_store

        file = file_store().get(self.file)
        assert file is not None
        return downloads().new_link(file).rpartition("/")[2]

    @cached_property
    def webhook(self) -> str:
        return self.fresh_webhook()

    def fresh_webhook(self) -> str:
        new = {"url": "https://a.example/hook", "types": ["message.sent"]}
        return str(_fine(call("POST", "/v1/webhooks", new))["webhook_id"])

    def _pair(self, one: str, other: str) -> str:
        new = {"type": "private", "members": [one, other]}
        return str(_fine(call("POST", "/v1/conversations", new))["conversation_id"])

    def _say(self, conversation_id: str) -> str:
        """A message with its place."""
        from chat4all.bootstrap.chat import routing

        words = {"type": "text", "text": "only for us"}
        new = {"conversation_id": conversation_id, "from": OWNER, "payload": words}
        message_id = str(_fine(call("POST", "/v1/messages", new))["message_id"])
        wanted = ToRoute(message_id=message_id, conversation_id=conversation_id)
        assert routing().route([wanted]).failed == []
        return message_id


def _fine(answer: Answer) -> dict[str, Any]:
    assert answer.status < 300, answer.text
    found: dict[str, Any] = answer.json
    return found
