import pytest
from realtime_harness import RealtimeWorld


@pytest.fixture
def world() -> RealtimeWorld:
    return RealtimeWorld()
