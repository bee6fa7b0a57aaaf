"""Whatever a frame says, it has one answer, and the stream goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.forging import altered
from tests.support.stream_world import StreamWorld, reason, stream_world

pytestmark = pytest.mark.req("RF-008")
BUG = "internal_error"
words = st.one_of(
    st.sampled_from(["", "#", "\x00", "\ufffe", "bo", "ana", "urn:uuid:" + "0" * 32, "a" * 9_000]),
    st.uuids().map(str),
    st.text(max_size=8),
)
numbers = st.sampled_from([0, 1, -1, 10**15, 2**63 - 1, -(2**63)])
marks = st.fixed_dictionaries(
    {}, optional={"conversation_id": words, "up_to_seq": numbers, "user_id": words}
)
payloads = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"text": st.fixed_dictionaries({}, optional={"text": words})}),
    st.fixed_dictionaries({"file": st.fixed_dictionaries({}, optional={"file_id": words})}),
    st.just({"erased": {}}),
    st.just({"unsupported": {"kind": "x"}}),
)
sends = st.fixed_dictionaries(
    {},
    optional={
        "message_id": words,
        "conversation_id": words,
        "sender": words,
        "to": st.lists(words, max_size=3),
        "channels": st.lists(words, max_size=3),
        "payload": payloads,
        "metadata": st.dictionaries(words, st.one_of(words, st.floats(), st.booleans())),
    },
)
actions = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"send": sends}),
    st.fixed_dictionaries({"ack": marks}),
    st.fixed_dictionaries({"read": marks}),
    st.fixed_dictionaries({"renew": st.fixed_dictionaries({}, optional={"token": words})}),
    st.fixed_dictionaries(
        {"start": st.fixed_dictionaries({"cursor": words}, optional={"user_id": words})}
    ),
)


@pytest.fixture(scope="module")
def world() -> Iterator[StreamWorld]:
    with stream_world() as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat4all.access.limits.LIVE_PER_MINUTE", 10**6)
        made.conversation("ana", "bo")
        yield made


@given(st.lists(actions, min_size=5, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_frames_are_answered_and_none_is_a_bug(
    world: StreamWorld, said: list[dict[str, Any]]
) -> None:
    stream = world.stream(altered(world.token("ana"), rpm=None))

    for number, action in enumerate(said):
        stream.say(str(number), **action)

    answers = [stream.answer(str(number)) for number in range(len(said))]
    assert BUG not in {reason(a) for a in answers if a.HasField("error")}
    stream.cut()
