"""People, and the identities by which channels know them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chat4all.ids import Address, ChannelName, UserId

APP_CHANNEL = "app"
"""Our own clients: delivered when fetched, read when said so. It needs no connector."""

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
Name = Annotated[str, StringConstraints(min_length=1, max_length=128, strip_whitespace=True)]


class Identity(BaseModel):
    """One address on one channel. `account` is our own number or page; None is the default one."""

    model_config = _frozen
    channel: ChannelName
    address: Address
    account: Address | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What may belong to one user only."""
        return (self.channel, self.account or "-", self.address)


class UserProfile(BaseModel):
    """The body of `PUT /v1/users/{id}`: identities in order of preference."""

    model_config = _frozen
    name: Name | None = None
    identities: Annotated[tuple[Identity, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _no_repeats(self) -> UserProfile:
        if len({i.key for i in self.identities}) != len(self.identities):
            raise ValueError("identities: the same one is given twice")
        return self


class User(UserProfile):
    user_id: UserId
    created_at: int
    last_conversations: dict[str, str] = Field(default_factory=dict, exclude=True)
    """Identity (`channel/account/address`) → the conversation it last spoke in."""

    def addresses(self) -> tuple[Identity, ...]:
        """Where this user can be reached, preferred first: our own app when nothing else is."""
        return self.identities or (Identity(channel=APP_CHANNEL, address=self.user_id),)
