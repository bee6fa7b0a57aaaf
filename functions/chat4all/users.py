"""Keep people and the identities by which channels know them."""

from __future__ import annotations

from chat4all.caller import Caller
from chat4all.errors import Conflict, Forbidden, IdentityTaken, Invalid, NotFound, UserErased
from chat4all.ports import Clock, UserStore
from chat4all.user import APP_CHANNEL, User, UserProfile


class Users:
    def __init__(self, users: UserStore, clock: Clock, channels: frozenset[str]) -> None:
        self._users = users
        self._clock = clock
        self._channels = channels | {APP_CHANNEL}

    def put(self, caller: Caller, user_id: str, profile: UserProfile) -> User:
        """Create or replace a user.

        Raises:
            Forbidden: identities are set by services only: whoever could claim an
                address would get what is meant for it.
            Conflict: an identity belongs to somebody else, or the id was an erased person's.
            Invalid: a channel does not exist.
        """
        if not caller.is_service:
            profile = self._with_own_identities(caller, user_id, profile)
        unknown = sorted({i.channel for i in profile.identities} - self._channels)
        if unknown:
            raise Invalid("unknown_channel", f"No such channel: {', '.join(unknown)}.")
        user = User(
            user_id=user_id,
            name=profile.name,
            identities=profile.identities,
            created_at=self._clock.now(),
        )
        try:
            return self._users.put(user)
        except IdentityTaken as error:
            channel, _, address = error.key
            owner = {"owner": error.owner} if caller.is_service else {}
            raise Conflict(
                "identity_taken", f"{channel} {address} belongs to another user.", **owner
            ) from error
        except UserErased as error:
            detail = "Whoever had this id was erased; nobody is given it again."
            raise Conflict("user_erased", detail) from error

    def _with_own_identities(
        self, caller: Caller, user_id: str, profile: UserProfile
    ) -> UserProfile:
        there = self.show(caller, user_id)
        if "identities" in profile.model_fields_set and profile.identities != there.identities:
            raise Forbidden("service_only", "Only a service's token may set identities.")
        return UserProfile(name=profile.name, identities=there.identities)

    def show(self, caller: Caller, user_id: str) -> User:
        """Raises NotFound, also for what is none of the caller's business."""
        user = self._users.get([user_id]).get(user_id)
        if user is None or not (caller.is_service or caller.subject == user_id):
            raise NotFound("user_not_found", "There is no such user.")
        return user
