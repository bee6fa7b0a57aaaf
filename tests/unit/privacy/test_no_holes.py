"""Whatever expires and whoever is erased: a history has each place once, and no body too much."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat4all.message import Erasure
from tests.builders import SERVICE, as_user
from tests.privacy import PrivateWorld

pytestmark = pytest.mark.req("RNF-009")
DAY = 86_400
PEOPLE = ("ana", "bo", "cy")

said = st.tuples(st.just("say"), st.sampled_from(PEOPLE))
passed = st.tuples(st.just("wait"), st.sampled_from([60.0, DAY / 2, float(DAY), 3.0 * DAY]))
erased = st.tuples(st.just("erase"), st.sampled_from(PEOPLE))
steps = st.lists(st.one_of(said, said, said, passed, erased), min_size=1, max_size=25)


def paged(
    world: PrivateWorld, conversation: str, limit: int, *, backwards: bool
) -> list[tuple[int, str]]:
    """A history in pages: (seq, text or the reason why there is none)."""
    found: list[tuple[int, str]] = []
    more = True
    while more:
        since, before = 0, None
        if backwards:
            before = found[0][0] if found else 10**6
        elif found:
            since = found[-1][0]
        page = world.history.page(SERVICE, conversation, since=since, before=before, limit=limit)
        more = page.more
        some = []
        for view in page.views:
            assert view.receipts is not None
            payload = view.message.payload
            some.append((view.receipts.seq, getattr(payload, "text", "") or payload.reason))  # type: ignore[union-attr]
        found = [*some, *found] if backwards else [*found, *some]
    return found


@given(steps, st.sampled_from([None, 1, 2]), st.integers(1, 7), st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_place_is_there_and_no_body_that_is_gone(
    happens: list[tuple[str, str | float]], days: int | None, limit: int, backwards: bool
) -> None:
    world = PrivateWorld()
    conversation = world.keeping(days, *PEOPLE)
    sent: list[tuple[str, str, int]] = []
    gone: set[str] = set()
    for what, value in happens:
        members = world.store.conversations[conversation].members
        if what == "say" and value in members:
            text = f"{value} {len(sent)}"
            world.say(conversation, str(value), text)
            world.drain()
            sent.append((str(value), text, world.clock.now()))
        elif what == "wait":
            world.clock.advance(float(value))
        elif what == "erase" and value in world.store.users:
            world.erase(str(value))
            gone.add(str(value))

    shown = paged(world, conversation, limit, backwards=backwards)

    expected = []
    for seq, (sender, text, at) in enumerate(sent, 1):
        over = days is not None and world.clock.now() >= at // 1000 * 1000 + days * DAY * 1000
        if sender in gone:
            text = Erasure.USER_ERASED
        elif over:
            text = Erasure.RETENTION
        expected.append((seq, text))
    assert shown == expected
    for user in set(PEOPLE) & set(world.store.conversations[conversation].members):
        page = world.history.page(as_user(user), conversation, since=0, before=None, limit=100)
        assert [v.receipts.seq for v in page.views if v.receipts] == list(range(1, len(sent) + 1))
