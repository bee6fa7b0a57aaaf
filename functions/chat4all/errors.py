"""What can go wrong, and what whoever catches it must do.

Chat4AllError
├── Rejected              the caller must change the request → HTTP 4xx
│   ├── Invalid           422  the request is well formed and means nothing we can do
│   ├── Unauthenticated   401  we do not know who asks
│   ├── Forbidden         403  we know, and they may not
│   ├── NotFound          404  it does not exist, or is none of the caller's business
│   ├── Conflict          409  it contradicts what is stored
│   ├── Gone              410  it was there, and was deleted for good
│   ├── TooLarge          413  it is over a limit, which is named
│   └── TooMany           429  there are as many as there may be, or too many came at once
├── Unavailable           503  something under us failed; the same request may be repeated
├── Raced                 another writer was first; read again and retry
├── IdentityTaken         an identity belongs to another user
├── UserErased            the id was an erased person's, and is nobody's for ever
├── ConnectionGone        the client at the other end of a socket is not there any more
├── UploadGone            the object store knows no such upload: it is complete, aborted or expired
├── BadContent            the object store has other bytes than were announced
└── DeliveryError
    ├── TryLater          the channel is slow, full or down → retry with backoff
    └── Undeliverable     the channel will never take it    → FAILED, with the reason
"""

from __future__ import annotations


class Chat4AllError(Exception):
    """The root: nothing else of ours is raised on purpose."""


class Rejected(Chat4AllError):
    """The request cannot be served as it is. `code` is stable and documented in docs/errors.md."""

    status = 400
    title = "Bad request"

    def __init__(self, code: str, detail: str, **extra: object) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.extra = extra


class Invalid(Rejected):
    status = 422
    title = "Unprocessable content"


class Unauthenticated(Rejected):
    status = 401
    title = "Unauthorized"


class Forbidden(Rejected):
    status = 403
    title = "Forbidden"


class NotFound(Rejected):
    status = 404
    title = "Not found"


class Conflict(Rejected):
    status = 409
    title = "Conflict"


class Gone(Rejected):
    status = 410
    title = "Gone"


class TooLarge(Rejected):
    status = 413
    title = "Content too large"


class TooMany(Rejected):
    status = 429
    title = "Too many requests"


class Unavailable(Chat4AllError):
    """A service under us refused or did not answer. Repeating the same request is safe."""


class Raced(Chat4AllError):
    """A condition failed because another writer was first."""


class IdentityTaken(Chat4AllError):
    """An identity belongs to another user. Its text goes to logs, so it has no address."""

    def __init__(self, key: tuple[str, str, str], owner: str) -> None:
        super().__init__(f"an identity on {key[0]} has an owner")
        self.key = key
        self.owner = owner


class UserErased(Chat4AllError):
    """The id was an erased person's: it is never given again."""


class ConnectionGone(Chat4AllError):
    """The client at the other end of a socket is not there any more, or not there yet."""


class UploadGone(Chat4AllError):
    """The object store knows no such upload: it is complete, aborted or expired."""


class BadContent(Chat4AllError):
    """The object store has other bytes than were announced, or parts that make no object.

    `code` is the reason that a file shows then.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class DeliveryError(Chat4AllError):
    """A channel did not take a message."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class TryLater(DeliveryError):
    """The channel did not take it now.

    `channel_down` means that nobody's messages pass (bad credentials, an outage):
    it counts towards the channel's breaker, `opens_breaker` opens it at once.
    `maybe_sent` means that the answer was lost and the message may have been
    taken: the retry then waits for the provider's callback to settle it. `attempted` is false
    where the channel was not asked at all, because something of ours was not ready: that is no
    attempt of the few that a delivery has. `throttled` means that the channel wants it slower: no
    number of such attempts ends a delivery, its age alone does.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        channel_down: bool = False,
        opens_breaker: bool = False,
        maybe_sent: bool = False,
        attempted: bool = True,
        throttled: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, reason)
        self.attempted = attempted
        self.throttled = throttled
        self.channel_down = channel_down or opens_breaker
        self.opens_breaker = opens_breaker
        self.maybe_sent = maybe_sent
        self.retry_after = retry_after


class Undeliverable(DeliveryError):
    """The channel will never take it.

    `recipient` says that the fault lies with this address on this channel, so
    that another channel of the same person is worth a try. `retriable` says that
    sending a new message later could work.
    """

    def __init__(
        self, code: str, reason: str, *, recipient: bool = False, retriable: bool = False
    ) -> None:
        super().__init__(code, reason)
        self.recipient = recipient
        self.retriable = retriable
