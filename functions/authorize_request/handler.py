"""Who asks? Trigger: the HTTP API's request authorizer, once per token and five minutes.

Verifies the token locally (whether an outside issuer's user exists, the table
says) and passes on who it is for; what they may do is
decided where it is done.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.access.refused_tokens import why
from chat4all.bootstrap.access import token_verifier
from chat4all.errors import Unauthenticated
from chat4all.observability import logger, observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    scheme, _, token = event.get("headers", {}).get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise Unauthenticated("invalid_token", "No bearer token.")
        verified = token_verifier().verify(token.strip())
    except Unauthenticated as error:
        logger().info("not authorized", reason=why(error))
        return {"isAuthorized": False}
    caller = verified.caller
    logger().info("authorized", subject=caller.subject, kind=str(caller.kind))
    return {
        "isAuthorized": True,
        "context": {
            "subject": caller.subject,
            "kind": str(caller.kind),
            "scopes": " ".join(sorted(caller.scopes)),
            "expires_at": str(verified.expires_at),
            "requests_per_minute": str(caller.requests_per_minute or ""),
            "era": str(caller.era),
        },
    }
