"""A service's token that is made anew before it ends. Standard library only: Locust's Python reads
this, too."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.request

AGE = 600  # seconds: it is good for 900


class ServiceToken:
    """Call it for a good token; from any thread."""

    def __init__(self, api_url: str, client_id: str, client_secret: str, ca: str = "") -> None:
        self._url = f"{api_url}/auth/token"
        self._body = json.dumps({"client_id": client_id, "client_secret": client_secret}).encode()
        self._context = ssl.create_default_context(cafile=ca) if ca else None
        self._lock = threading.Lock()
        self._token = ""
        self._made = 0.0

    def __call__(self) -> str:
        """Raises OSError when none is given out and the old one is too old."""
        with self._lock:
            if not self._token or time.monotonic() - self._made > AGE:
                headers = {"content-type": "application/json"}
                request = urllib.request.Request(self._url, self._body, headers)
                with urllib.request.urlopen(request, timeout=30, context=self._context) as answer:
                    self._token = json.load(answer)["access_token"]
                self._made = time.monotonic()
            return self._token
