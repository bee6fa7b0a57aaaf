"""Is a client still what its token says? A token outlives a revocation by minutes: in these it must
leave nothing behind that stays."""

from __future__ import annotations

from collections.abc import Collection

from chat4all.access.client import Client
from chat4all.caller import Caller
from chat4all.errors import Forbidden, Unauthenticated
from chat4all.ports.access import ClientStore


class Standing:
    def __init__(self, clients: ClientStore) -> None:
        self._clients = clients

    def must_still(self, caller: Caller, scopes: Collection[str]) -> None:
        """A service must still be a client with these scopes; nothing is asked of a user.

        Raises: as `still` does.
        """
        if caller.is_service:
            still(self._clients, caller, scopes)


def still(clients: ClientStore, caller: Caller, scopes: Collection[str]) -> Client:
    """The client whose token this is, as it is now.

    Raises:
        Unauthenticated: it was revoked, or its secret was replaced at once since.
        Forbidden: it has lost one of these scopes.
    """
    client = clients.get(caller.subject)
    if client is None or not client.is_active:
        raise Unauthenticated("invalid_token", "The client of this token was revoked.")
    if caller.era != client.era:
        detail = "The secret that got this token was replaced: get another token."
        raise Unauthenticated("invalid_token", detail)
    lost = sorted(set(scopes) - set(client.scopes))
    if lost:
        detail = f"The client has no more: {' '.join(lost)}."
        raise Forbidden("insufficient_scope", detail, scope=" ".join(sorted(scopes)))
    return client
