"""What is issued."""

from __future__ import annotations

from pydantic import Field

from chat4all.access.refresh_tokens import Grant
from chat4all.access.tokens import Token
from chat4all.api.views.base import View


class TokenOut(View):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (RFC 6750's word, no secret)
    expires_in: int
    scope: str
    refresh_token: str | None = Field(
        None, description="For one use: the answer to it has the next one."
    )

    @classmethod
    def of(cls, token: Token, refresh_token: str | None = None) -> TokenOut:
        return cls(
            access_token=token.access_token,
            expires_in=token.expires_in,
            scope=" ".join(token.scopes),
            refresh_token=refresh_token,
        )

    @classmethod
    def of_grant(cls, grant: Grant) -> TokenOut:
        return cls.of(grant.token, grant.refresh_token)
