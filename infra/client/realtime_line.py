"""One connection to the WebSocket API, while it lasts: JSON frames out and in."""

import json
import ssl
import time
from contextlib import suppress
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

PROTOCOL = "chat4all"
PATIENCE = 0.5
BEAT = 60.0
"""Seconds between two signs of life. Who is silent for three minutes counts as offline, and API
Gateway closes what is idle for ten."""
HANDSHAKE = 10.0
CLOSE = 1.0


class Dropped(Exception):
    """The connection is gone, or never came about: connect again."""


class Refused(Dropped):
    """The handshake was answered with an HTTP status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"The handshake was answered with {status}.")

    @property
    def final(self) -> bool:
        """Whether it is the token that is wrong, and not the server's state."""
        return self.status in (401, 403)


class Line:
    """Frames may be told from any thread; one thread listens."""

    def __init__(
        self, url: str, token: str, beat: float = BEAT, ca_file: str | None = None
    ) -> None:
        """The token travels as a subprotocol: browsers cannot set headers, and query strings end
        up in logs. With a `ca_file`, only a server whose certificate it signed is spoken to.

        Raises:
            Refused: by the server.
            Dropped: there was no answer, or none of a WebSocket.
        """
        offered = [Subprotocol(PROTOCOL), Subprotocol(f"bearer.{token}")]
        try:
            self._socket = connect(
                url,
                ssl=ssl.create_default_context(cafile=ca_file) if ca_file else None,
                subprotocols=offered,
                open_timeout=HANDSHAKE,
                close_timeout=CLOSE,
                legacy=True,  # the connection itself
            )
        except InvalidStatus as error:
            raise Refused(error.response.status_code) from error
        except (InvalidHandshake, OSError, EOFError) as error:
            raise Dropped(repr(error)) from error
        self._beat, self._beaten = beat, time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def tell(self, frame: dict[str, Any] | None) -> None:
        """Nothing is told of a line that is cut: who listens finds out."""
        if frame is None:
            return
        with suppress(ConnectionClosed):
            self._socket.send(json.dumps(frame, separators=(",", ":"), ensure_ascii=False))

    def heard(self, patience: float) -> list[dict[str, Any]]:
        """The next frame, or none within so many seconds.

        Raises:
            Dropped: the line is cut.
        """
        if time.monotonic() - self._beaten >= self._beat:
            self._beaten = time.monotonic()
            self.tell({"action": "ping"})
        try:
            frame = json.loads(self._socket.recv(timeout=min(patience, self._beat)))
        except TimeoutError:
            return []
        except ConnectionClosed as error:
            raise Dropped(str(error)) from error
        except ValueError:  # not JSON: not ours, a proxy's perhaps
            return []
        return [frame] if isinstance(frame, dict) else []
