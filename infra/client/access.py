"""Where the API is and who we are there."""

import os
from dataclasses import dataclass, field

from infra.client.errors import ClientError
from infra.local import running
from infra.local.home import Home

CA_FILE = "CHAT4ALL_CA_FILE"
NAMES = ("CHAT4ALL_API_URL", "CHAT4ALL_CLIENT_ID", "CHAT4ALL_CLIENT_SECRET")


@dataclass(frozen=True)
class Access:
    """An API client as `./scripts/env` shows it."""

    api_url: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: str | None = None
    """The only authority to trust, when that is none of those that this machine trusts."""


def find_access(home: Home) -> Access:
    """From the environment if it names an API, else the local stack that runs in this home.

    Raises:
        ClientError: there is neither, or the environment has only some of it.
    """
    named = [os.environ.get(name, "") for name in NAMES]
    if all(named):
        url, client_id, client_secret = named
        return Access(url.rstrip("/"), client_id, client_secret, os.environ.get(CA_FILE) or None)
    if any(named):
        missing = [name for name, value in zip(NAMES, named, strict=True) if not value]
        raise ClientError(f"The environment has some of {', '.join(NAMES)}, not {missing}.")
    if (found := running.find(home)) is None:
        raise ClientError(
            f"No stack runs in {home.path}. Start one with ./scripts/up --detach, or say where "
            f"the API is: {', '.join(NAMES)}."
        )
    return Access(found.api_url, found.client_id, found.client_secret, found.ca_file or None)
