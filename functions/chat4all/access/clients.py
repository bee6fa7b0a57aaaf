"""Register the programs that may call the API, and look after them. For admins alone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chat4all.access.audit import Audit
from chat4all.access.client import (
    NOBODY,
    Client,
    ClientPatch,
    ClientSecret,
    NewClient,
    sha256,
)
from chat4all.access.standing import still
from chat4all.access.tokens import SCOPES
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Conflict, Invalid, NotFound, Unauthenticated, Unavailable
from chat4all.ports import Clock
from chat4all.ports.access import ClientPlace, ClientStore

ADMIN = "admin"
REFUSED_EVERY_MS = 60_000
PAGE = 100
_ID = re.compile(r"c4a_[A-Za-z0-9_]{1,60}")


@dataclass(frozen=True)
class Credentials:
    """A client's; the secret is shown this once."""

    client_id: str
    client_secret: str = field(repr=False)


class Clients:
    def __init__(self, clients: ClientStore, audit: Audit, clock: Clock) -> None:
        self._clients = clients
        self._audit = audit
        self._clock = clock
        self._refused_at: dict[str, int] = {}

    def register(self, *, name: str, scopes: Sequence[str] = SCOPES, **limits: int) -> Credentials:
        """A new client, by whoever operates the stack. Raises Invalid: there is no such scope."""
        client, secret = self._add(None, NewClient(name=name, scopes=tuple(scopes), **limits))
        return Credentials(client.client_id, secret)

    def create(self, caller: Caller, new: NewClient) -> tuple[Client, str]:
        """The client and its secret, which is shown this once.

        Raises:
            Invalid: there is no such scope.
        """
        self._admit(caller)
        return self._add(caller, new)

    def _add(self, caller: Caller | None, new: NewClient) -> tuple[Client, str]:
        _check(new.scopes)
        secret = secrets.token_urlsafe(32)
        client = Client(
            client_id=f"c4a_{secrets.token_hex(8)}",
            name=new.name,
            scopes=tuple(dict.fromkeys(new.scopes)),
            created_at=self._clock.now(),
            secrets=(ClientSecret(sha256(secret)),),
            requests_per_minute=new.requests_per_minute,
            user_requests_per_minute=new.user_requests_per_minute,
        )
        self._audit.record(caller, "client.created", client.client_id, scopes=list(client.scopes))
        self._clients.add(client)
        return client, secret

    def authenticate(self, client_id: str, client_secret: str, address: str = "") -> Client:
        """Raises Unauthenticated, in the same way whatever is wrong.

        Only the record of a wrong secret takes time of its own. Ids are 64 random bits: nobody
        finds out by trying which there are.
        """
        client = self._clients.get(client_id) if _ID.fullmatch(client_id) else None
        active = client if client is not None and client.is_active else None
        if not (active or NOBODY).accepts(client_secret, self._clock.now()) or active is None:
            if client is not None:
                self._note_refusal(client, address)
            raise Unauthenticated("invalid_client", "No such client, or a wrong secret.")
        return active

    def _note_refusal(self, client: Client, address: str) -> None:
        """At most once a minute: the trail is no place to write into from outside."""
        now = self._clock.now()
        if now - self._refused_at.get(client.client_id, -REFUSED_EVERY_MS) < REFUSED_EVERY_MS:
            return
        self._refused_at[client.client_id] = now
        who = Caller(client.client_id, CallerKind.SERVICE, address=address)
        with suppress(Unavailable):  # it is refused all the same
            told = {} if client.is_active else {"revoked": True}
            self._audit.record(who, "client.refused", client.client_id, **told)

    def page(
        self, caller: Caller, after: ClientPlace | None, limit: int
    ) -> tuple[list[Client], ClientPlace | None]:
        """The oldest first, and where to go on."""
        self._admit(caller)
        found = self._clients.page(after, limit + 1)
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], ClientPlace(last.created_at, last.client_id)

    def show(self, caller: Caller, client_id: str) -> Client:
        self._admit(caller)
        return self._found(client_id)

    def change(self, caller: Caller, client_id: str, patch: ClientPatch) -> Client:
        """Change what the patch names; tokens that there are stay as they are until they end.

        Raises:
            Conflict: it was revoked, or an admin would be none any more by its own doing.
            Raced: somebody else changed it meanwhile.
        """
        self._admit(caller)
        client = self._active(client_id)
        changes = {
            name: value
            for name, value in patch.model_dump(exclude_unset=True).items()
            if value is not None or name == "requests_per_minute"
        }
        if patch.scopes is not None:
            _check(patch.scopes)
            changes["scopes"] = tuple(dict.fromkeys(patch.scopes))
            if client_id == caller.subject and ADMIN not in patch.scopes:
                raise Conflict("own_admin_scope", "Let another admin take this scope from you.")
        if not changes:
            return client
        told = {name: value for name, value in changes.items() if name != "name"}
        self._audit.record(caller, "client.changed", client_id, fields=sorted(changes), **told)
        return self._replaced(replace(client, **changes))

    def rotate(self, caller: Caller, client_id: str, grace_seconds: int) -> tuple[Client, str]:
        """A new secret. The one that holds now works on for so long, any older one ends.

        Without grace a thief may have it: a new era begins, for the client and all it gave out.

        Raises:
            Conflict: the client was revoked.
            Raced: somebody else changed it meanwhile.
        """
        self._admit(caller)
        client = self._active(client_id)
        secret, ends = secrets.token_urlsafe(32), self._clock.now() + grace_seconds * 1000
        old = [ClientSecret(s.sha256, ends) for s in client.secrets if s.expires_at is None]
        kept = old if grace_seconds else []
        self._audit.record(caller, "client.secret_rotated", client_id, grace_seconds=grace_seconds)
        rotated = replace(
            client,
            secrets=(ClientSecret(sha256(secret)), *kept),
            era=client.era if grace_seconds else client.era + 1,
        )
        return self._replaced(rotated), secret

    def revoke(self, caller: Caller, client_id: str) -> None:
        """It gets no tokens any more, nor do users by the refresh tokens that it minted. What it
        has got ends within fifteen minutes.

        Raises:
            Conflict: it is the caller itself: an admin is always left.
        """
        self._admit(caller)
        client = self._found(client_id)
        if client_id == caller.subject:
            raise Conflict("own_client", "Let another admin revoke you.")
        if not client.is_active:
            return
        self._audit.record(caller, "client.revoked", client_id)
        self._replaced(replace(client, revoked_at=self._clock.now(), secrets=()))

    def admins(self) -> list[Client]:
        """Those who may register others."""
        found: list[Client] = []
        after: ClientPlace | None = None
        while page := self._clients.page(after, PAGE):
            found += [c for c in page if c.is_active and ADMIN in c.scopes]
            after = ClientPlace(page[-1].created_at, page[-1].client_id)
        return found

    def _admit(self, caller: Caller) -> None:
        """A token outlives its client's revocation by minutes: they must not do to make another.

        Raises:
            Unauthenticated: the client was revoked, or its secret replaced at once.
            Forbidden: it is no admin, or no longer.
        """
        caller.must_be_service()
        still(self._clients, caller, (ADMIN,))

    def _found(self, client_id: str) -> Client:
        client = self._clients.get(client_id)
        if client is None:
            raise NotFound("client_not_found", "There is no such client.")
        return client

    def _active(self, client_id: str) -> Client:
        client = self._found(client_id)
        if not client.is_active:
            raise Conflict("client_revoked", "This client was revoked: register another one.")
        return client

    def _replaced(self, client: Client) -> Client:
        newer = replace(client, version=client.version + 1)
        self._clients.replace(newer)
        return newer


def _check(scopes: Sequence[str]) -> None:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        words = f"No such scope: {', '.join(unknown)}."
        raise Invalid("unknown_scope", words, unknown=unknown, scopes=list(SCOPES))
