"""ChannelSettings: what an operator wrote, and how soon a change of it is seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from chat4all.adapters.memory import MemoryChannelSettings
from chat4all.adapters.ssm import KEPT_SECONDS, SsmChannelSettings
from chat4all.errors import Unavailable
from chat4all.ports import ChannelSettings
from tests.contract.worlds import ADAPTERS, Aws, aws_of

WHATSAPP = {"base_url": "https://example.test", "account": "1", "app_secret": "ção ✓"}


@dataclass
class Operator:
    """Writes parameters, as docs/channels/ tells it."""

    aws: Aws
    stage: str

    def write(self, channel: str, settings: Mapping[str, Any]) -> None:
        self.aws.client("ssm").put_parameter(
            Name=f"/chat4all/{self.stage}/channels/{channel}",
            Type="SecureString",
            Value=json.dumps(settings),
            Overwrite=True,
        )


@pytest.fixture(params=ADAPTERS)
def settings(request: pytest.FixtureRequest) -> Iterator[ChannelSettings]:
    """WhatsApp is configured; nothing else is."""
    if request.param == "memory":
        yield MemoryChannelSettings({"whatsapp": WHATSAPP})
        return
    for aws in aws_of(request):
        operator = Operator(aws, aws.unique("s"))
        operator.write("whatsapp", WHATSAPP)
        yield SsmChannelSettings(aws.client("ssm"), operator.stage)


def test_a_channels_settings_come_as_they_were_written(settings: ChannelSettings) -> None:
    assert settings.get("whatsapp") == WHATSAPP
    assert settings.get("whatsapp") == WHATSAPP


def test_a_channel_that_is_not_configured_is_unavailable(settings: ChannelSettings) -> None:
    for _ in range(2):
        with pytest.raises(Unavailable):
            settings.get("instagram")


@pytest.fixture
def rotating(aws: Aws) -> tuple[Operator, SsmChannelSettings, Callable[[float], None]]:
    """An operator, the settings as a process sees them, and a way to let seconds pass."""
    operator = Operator(aws, aws.unique("s"))
    now = [1000.0]

    def let_pass(seconds: float) -> None:
        now[0] += seconds

    return operator, SsmChannelSettings(aws.client("ssm"), operator.stage, lambda: now[0]), let_pass


Rotating = tuple[Operator, SsmChannelSettings, Callable[[float], None]]


def test_settings_are_kept_for_five_minutes_and_then_read_again(rotating: Rotating) -> None:
    operator, settings, let_pass = rotating
    operator.write("whatsapp", {"access_token": "old"})
    settings.get("whatsapp")
    operator.write("whatsapp", {"access_token": "new"})

    let_pass(KEPT_SECONDS)
    assert settings.get("whatsapp") == {"access_token": "old"}
    let_pass(1)
    assert settings.get("whatsapp") == {"access_token": "new"}
    let_pass(KEPT_SECONDS)
    assert settings.get("whatsapp") == {"access_token": "new"}


def test_a_channel_that_is_configured_later_is_seen_at_once(rotating: Rotating) -> None:
    operator, settings, _ = rotating
    with pytest.raises(Unavailable):
        settings.get("whatsapp")

    operator.write("whatsapp", WHATSAPP)

    assert settings.get("whatsapp") == WHATSAPP
