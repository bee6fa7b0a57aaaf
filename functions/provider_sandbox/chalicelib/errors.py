"""What can go wrong, and who is told.

Exception
├── GraphError   the sender of a message is told, in Meta's error body
├── BadInput     the tester is told: 400 {"error": …}
├── MediaFailed  the channel says it in its way: a failed status, or a GraphError
└── HangUp       nobody is told: the connection closes without an answer
"""

from typing import Any

# code: (HTTP status, title), as Meta documents them. Codes not listed answer 400.
_KNOWN: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token"),
    368: (403, "Temporarily blocked for policies violations"),
    551: (400, "This person isn't available right now"),
    613: (400, "Calls to this API have exceeded the rate limit"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Meta chose not to deliver"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    132000: (400, "Template Param Count Mismatch"),
    132001: (404, "Template does not exist"),
    132005: (400, "Template Hydrated Text Too Long"),
    132007: (400, "Template Format Character Policy Violated"),
    132008: (400, "Template Parameter Format Mismatch"),
    132012: (400, "Template Parameter Format Mismatch"),
    132015: (400, "Template is Paused"),
    132016: (400, "Template is Disabled"),
}


def title_of(code: int) -> str:
    return _KNOWN.get(code, (400, "Error"))[1]


class GraphError(Exception):
    """The send is not accepted; `status` overrides the HTTP status Meta gives this code."""

    def __init__(
        self, code: int, details: str = "", subcode: int | None = None, status: int | None = None
    ) -> None:
        super().__init__(f"(#{code}) {details or title_of(code)}")
        self.code = code
        self.details = details or title_of(code)
        self.subcode = subcode
        self.status = status or _KNOWN.get(code, (400, ""))[0]

    def body(self, product: str | None, trace_id: str) -> dict[str, Any]:
        """Meta's error body. `product` is WhatsApp's `messaging_product`; Instagram has none."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {title_of(self.code) if product else self.details}",
            "type": "OAuthException",
            "code": self.code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if product:
            error["error_data"] = {"messaging_product": product, "details": self.details}
        return {"error": {**error, "fbtrace_id": trace_id}}


class MediaFailed(Exception):
    """The bytes of a message could not be had, or are unsuitable: too large, of a wrong type."""

    def __init__(self, reason: str, unsuitable: bool = False) -> None:
        super().__init__(reason)
        self.unsuitable = unsuitable


class BadInput(Exception):
    """The tester's request names something the sandbox does not know."""


class HangUp(SystemExit):
    """Ends the connection's thread, and with it the connection, before any answer.

    It is a SystemExit because Chalice answers 500 to every ordinary exception.
    """
