"""People and their identities."""

from __future__ import annotations

from collections.abc import Sequence

from chat4all.adapters.memory.store import MemoryStore
from chat4all.errors import IdentityTaken, Raced, UserErased
from chat4all.user import Identity, User


class MemoryUserStore:
    def __init__(self, store: MemoryStore) -> None:
        self._s = store

    def put(self, user: User, *, replace: bool = True) -> User:
        with self._s.lock:
            if user.user_id in self._s.erased:
                raise UserErased(user.user_id)
            if user.user_id in self._s.users and not replace:
                return self._s.users[user.user_id]
            wanted = {i.key for i in user.identities}
            for key in sorted(wanted):
                owner = self._s.identities.get(key, user.user_id)
                if owner != user.user_id:
                    raise IdentityTaken(key, owner)
            before = self._s.users.get(user.user_id)
            if before is not None:
                for gone in {i.key for i in before.identities} - wanted:
                    del self._s.identities[gone]
                user = user.model_copy(
                    update={
                        "created_at": before.created_at,
                        "last_conversations": before.last_conversations,
                    }
                )
            self._s.identities |= dict.fromkeys(wanted, user.user_id)
            self._s.users[user.user_id] = user
            return user

    def get(self, user_ids: Sequence[str]) -> dict[str, User]:
        return {i: self._s.users[i] for i in user_ids if i in self._s.users}

    def is_there(self, user_id: str) -> bool:
        return user_id in self._s.users

    def owners(self, identities: Sequence[Identity]) -> dict[tuple[str, str, str], str]:
        known = self._s.identities
        return {i.key: known[i.key] for i in identities if i.key in known}

    def erase(self, user_id: str, at: int) -> bool:
        with self._s.lock:
            there = self._s.users.get(user_id)
            if there is None:
                return False
            for identity in there.identities:
                del self._s.identities[identity.key]
            del self._s.users[user_id]
            self._s.erased[user_id] = at
            return True

    def spoke_in(self, user_id: str, identity: Identity, conversation_id: str) -> None:
        if user_id not in self._s.users:
            raise Raced(user_id)
        user = self._s.users[user_id]
        last = {**user.last_conversations, "/".join(identity.key): conversation_id}
        self._s.users[user_id] = user.model_copy(update={"last_conversations": last})
