"""Who writes to us on a channel: somebody known by their address, or somebody new."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from secrets import token_bytes

from chat4all.delivery import InboundUpdate
from chat4all.errors import IdentityTaken, Raced, UserErased
from chat4all.ids import secret_id
from chat4all.ports import Clock, UserStore
from chat4all.ports.keys import KeyStore
from chat4all.user import Identity, User

KEY_BYTES = 32


class Meeting:
    def __init__(self, users: UserStore, clock: Clock, key: Callable[[], bytes]) -> None:
        """`key` is called when somebody new is met, and not before."""
        self._users = users
        self._clock = clock
        self._key = key

    def sender(self, update: InboundUpdate) -> User:
        """The user who has this address, who is made if there is none.

        Raises:
            Unavailable, Raced: nothing is lost; offer it again.
        """
        exact = Identity(channel=update.channel, address=update.address, account=update.account)
        anywhere = exact.model_copy(update={"account": None})
        owners = self._users.owners([exact, anywhere])
        user_id = owners.get(exact.key) or owners.get(anywhere.key)
        if user_id is None:
            return self._new(exact, update.name)
        found = self._users.get([user_id])
        if user_id not in found:
            raise Raced(f"user {user_id} was erased")
        return found[user_id]

    def _new(self, identity: Identity, name: str | None) -> User:
        """The id derives from the address, so that a repeat makes nobody twice. It stays when a
        person is erased, so it must not tell the address; and whoever comes back gets another. So
        does who has an address that was another's: that one keeps the id that came of it."""
        for life in count():
            parts = (*identity.key, str(life)) if life else identity.key
            unknown = User(
                user_id=secret_id(self._key(), *parts),
                name=name,
                identities=(identity,),
                created_at=self._clock.now(),
            )
            try:
                user = self._users.put(unknown, replace=False)
            except UserErased:
                continue
            except IdentityTaken as error:
                raise Raced(str(error)) from error
            if identity.key in {held.key for held in user.identities}:
                return user
        raise AssertionError("count() has no end")


def people_key(keys: KeyStore) -> bytes:
    """The key of all processes and for good: whoever needs it first makes it."""
    return keys.agreed("people", lambda: token_bytes(KEY_BYTES))
