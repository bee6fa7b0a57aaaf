"""A world of webhooks for each test."""

import pytest

from tests.support.webhook_world import World


@pytest.fixture
def world() -> World:
    return World()
