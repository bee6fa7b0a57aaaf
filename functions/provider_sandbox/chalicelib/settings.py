"""What a tester can set, per channel. Times are in seconds."""

import copy
import hmac
import json
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from .checks import number, only, text_in, whole
from .errors import BadInput

CHANNELS = ("whatsapp", "instagram")
_NAMES = {"app_secret", "verify_token", "access_token", "account"}


@dataclass(frozen=True)
class ChannelSettings:
    """How one imitated provider behaves; replaced whole, so a reader needs no lock.

    callback_url: where callbacks go; while empty, none are sent or kept.
    account: our phone number id or Instagram id, the one people write to.
    delays: from a send's acceptance to each status; null means never.
    retry_for: age at which a callback that is not answered 200 is given up.
    media_url_lifetime: of the url that WhatsApp gives for media, from its making.
    """

    callback_url: str = ""
    app_secret: str = "sandbox-app-secret"
    verify_token: str = "sandbox-verify-token"
    access_token: str = "sandbox-access-token"
    account: str = ""
    delays: dict[str, float | None] = field(
        default_factory=lambda: {"sent": 0.05, "delivered": 0.15, "read": 0.3}
    )
    batch_window: float = 0.05
    batch_size: int = 100
    retry_for: float = 3600.0
    window_24h: bool = False
    media_url_lifetime: float = 300.0

    def admits(self, authorization: str) -> bool:
        """Whether an Authorization header carries the access token."""
        expected = f"Bearer {self.access_token}"
        return hmac.compare_digest(authorization.encode(), expected.encode())

    def merged(self, given: object, where: str) -> "ChannelSettings":
        """These settings with some replaced.

        Raises:
            BadInput: an unknown name or a value of the wrong kind.
        """
        if not isinstance(given, dict):
            raise BadInput(f"{where} must be an object")
        only(given, {known.name for known in fields(self)}, where)
        changes = {name: self._checked(name, value, where) for name, value in given.items()}
        return replace(self, **changes)

    def _checked(self, name: str, value: object, where: str) -> Any:
        if name == "callback_url":
            if value != "" and not str(value).startswith(("http://", "https://")):
                raise BadInput(f"{where}.callback_url must be an http(s) URL, or empty")
            return str(value)
        if name in _NAMES:
            return text_in({f"{where}.{name}": value}, f"{where}.{name}")
        if name == "delays":
            return self._merged_delays(value, f"{where}.delays")
        if name == "batch_size":
            return whole(value, f"{where}.batch_size", low=1)
        if name == "window_24h":
            if not isinstance(value, bool):
                raise BadInput(f"{where}.window_24h must be true or false")
            return value
        return number(value, f"{where}.{name}")

    def _merged_delays(self, given: object, where: str) -> dict[str, float | None]:
        if not isinstance(given, dict):
            raise BadInput(f"{where} must be an object")
        only(given, set(self.delays), where)
        new = {k: None if v is None else number(v, f"{where}.{k}") for k, v in given.items()}
        return {**self.delays, **new}


class Settings:
    """The settings of all channels; safe to read and change from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels = {
            "whatsapp": ChannelSettings(account="106540352242922"),
            "instagram": ChannelSettings(account="17841405822304914"),
        }

    @classmethod
    def from_file(cls, path: str) -> "Settings":
        settings = cls()
        try:
            settings.merge(json.loads(Path(path).read_text("utf-8")))
        except (OSError, ValueError) as problem:
            raise BadInput(f"SANDBOX_SETTINGS: {problem}") from problem
        return settings

    def of(self, channel: str) -> ChannelSettings:
        return self._channels[channel]

    def merge(self, given: object) -> None:
        """Change what is named and keep the rest; all of it, or nothing when it is wrong."""
        if not isinstance(given, dict):
            raise BadInput("settings must be an object")
        only(given, set(CHANNELS), "settings")
        with self._lock:
            changed = {name: self._channels[name].merged(new, name) for name, new in given.items()}
            self._channels = {**self._channels, **changed}

    def as_json(self) -> dict[str, Any]:
        return {name: copy.deepcopy(asdict(one)) for name, one in self._channels.items()}
