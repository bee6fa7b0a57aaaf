"""The checker of the fault tests finds every loss, double and disorder that is planted, and in a
good run nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fault.checker import Entry, Event, Evidence, Had, Kind, Sent, check

pytestmark = [pytest.mark.req("RNF-002"), pytest.mark.req("RNF-003")]

Plant = Callable[[Evidence, str, int], Evidence]
"""Break a run at a place of a conversation."""


def a_run(lengths: list[int], clients: list[int]) -> Evidence:
    """A good one: conversations of these lengths, whose messages were sent by these clients by
    turns. Everybody has everything, and the subscriber heard of it, of some of it twice."""
    sent: list[Sent] = []
    histories: dict[str, list[Entry]] = {}
    for number, length in enumerate(lengths):
        conversation = f"c{number}"
        ids = [f"{conversation}-m{n}" for n in range(length)]
        for n, message_id in enumerate(ids):
            client = f"client{clients[(number + n) % len(clients)]}"
            sent.append(Sent(message_id, conversation, client, n + 1, accepted=True))
        histories[conversation] = [
            Entry(m, n, "READ" if n % 2 else "DELIVERED") for n, m in enumerate(ids, 1)
        ]
    everything = [entry.message_id for entries in histories.values() for entry in entries]
    return Evidence(
        sent=sent,
        histories=histories,
        inboxes={
            "everybody": [Had(m) for m in everything],
            **{f"p-{c}": [Had(e.message_id) for e in es] for c, es in histories.items()},
        },
        people={c: ("everybody", f"p-{c}") for c in histories},
        subscribers={"hook": [Event(m, f"e-{m}") for m in [*everything, *everything[:2]]]},
    )


runs = st.builds(
    a_run,
    st.lists(st.integers(2, 6), min_size=1, max_size=4),
    st.lists(st.integers(0, 3), min_size=1, max_size=5),
)


def in_history(run: Evidence, conversation: str, entries: list[Entry]) -> Evidence:
    return replace(run, histories={**run.histories, conversation: entries})


def in_inbox(run: Evidence, person: str, inbox: list[Had]) -> Evidence:
    return replace(run, inboxes={**run.inboxes, person: inbox})


def lost(run: Evidence, c: str, at: int) -> Evidence:
    """Nobody has it any more, and all that follow have moved up."""
    entries = [entry for place, entry in enumerate(run.histories[c]) if place != at]
    return in_history(run, c, [replace(e, seq=n) for n, e in enumerate(entries, 1)])


def left_out(run: Evidence, c: str, at: int) -> Evidence:
    entries = list(run.histories[c])
    return in_history(run, c, [replace(e, seq=e.seq + (n >= at)) for n, e in enumerate(entries)])


def twice(run: Evidence, c: str, at: int) -> Evidence:
    entries = [*run.histories[c], run.histories[c][at]]
    return in_history(run, c, [replace(e, seq=n) for n, e in enumerate(entries, 1)])


def invented(run: Evidence, c: str, at: int) -> Evidence:
    return replace(
        run, sent=[s for s in run.sent if s.message_id != run.histories[c][at].message_id]
    )


def swapped(run: Evidence, c: str, at: int) -> Evidence:
    """A message and one that the same client sent after it, or anyone did; all see it so."""
    one_client = [replace(s, client="the only one") for s in run.sent]
    entries = list(run.histories[c])
    other = (at + 1) % len(entries)
    ids = [entry.message_id for entry in entries]
    ids[at], ids[other] = ids[other], ids[at]
    entries = [replace(e, message_id=m) for e, m in zip(entries, ids, strict=True)]
    return replace(in_history(run, c, entries), sent=one_client)


def unread(run: Evidence, c: str, at: int) -> Evidence:
    entries = list(run.histories[c])
    entries[at] = replace(entries[at], status="SENT")
    return in_history(run, c, entries)


def without_reason(run: Evidence, c: str, at: int) -> Evidence:
    entries = list(run.histories[c])
    entries[at] = replace(entries[at], status="FAILED")
    return in_history(run, c, entries)


def not_received(run: Evidence, c: str, at: int) -> Evidence:
    return in_inbox(run, f"p-{c}", [h for n, h in enumerate(run.inboxes[f"p-{c}"]) if n != at])


def received_again(run: Evidence, c: str, at: int) -> Evidence:
    return in_inbox(run, f"p-{c}", [*run.inboxes[f"p-{c}"], run.inboxes[f"p-{c}"][at]])


def received_early(run: Evidence, c: str, at: int) -> Evidence:
    inbox = list(run.inboxes[f"p-{c}"])
    other = (at + 1) % len(inbox)
    inbox[at], inbox[other] = inbox[other], inbox[at]
    return in_inbox(run, f"p-{c}", inbox)


def received_from_nowhere(run: Evidence, c: str, at: int) -> Evidence:
    inbox = list(run.inboxes[f"p-{c}"])
    return in_inbox(run, f"p-{c}", [*inbox[:at], Had("nobody's"), *inbox[at:]])


def untold(run: Evidence, c: str, at: int) -> Evidence:
    gone = run.histories[c][at].message_id
    return replace(
        run, subscribers={"hook": [e for e in run.subscribers["hook"] if e.message_id != gone]}
    )


def told_under_two_ids(run: Evidence, c: str, at: int) -> Evidence:
    again = Event(run.histories[c][at].message_id, "another")
    return replace(run, subscribers={"hook": [*run.subscribers["hook"], again]})


PLANTS: dict[Plant, tuple[Kind, ...]] = {
    lost: (Kind.LOST,),
    left_out: (Kind.GAP,),
    twice: (Kind.TWICE,),
    invented: (Kind.INVENTED,),
    swapped: (Kind.ORDER,),
    unread: (Kind.UNENDED,),
    without_reason: (Kind.UNENDED,),
    not_received: (Kind.LOST,),
    received_again: (Kind.REPEATED,),
    received_early: (Kind.ORDER,),
    received_from_nowhere: (Kind.INVENTED,),
    untold: (Kind.UNTOLD,),
    told_under_two_ids: (Kind.UNTOLD,),
}


@given(runs)
def test_in_a_good_run_nothing_is_found(run: Evidence) -> None:
    assert check(run) == []


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@given(run=runs, data=st.data())
def test_whatever_is_planted_in_a_good_run_is_found_and_named(
    plant: Plant, run: Evidence, data: st.DataObject
) -> None:
    conversation = data.draw(st.sampled_from(sorted(run.histories)))
    at = data.draw(st.integers(0, len(run.histories[conversation]) - 1))

    found = check(plant(run, conversation, at))

    assert {finding.kind for finding in found} >= set(PLANTS[plant])


def test_a_loss_is_named_by_its_message_and_place() -> None:
    run = lost(a_run([3], [0]), "c0", 1)

    found = check(run)

    assert str(found[0]) == "lost in c0: c0-m1 accepted"


def test_a_message_without_an_answer_may_be_there_or_not() -> None:
    run = a_run([3], [0])
    unseen = [replace(s, accepted=s.message_id != "c0-m1") for s in run.sent]

    there = check(replace(run, sent=unseen))
    elsewhere = Sent("never-answered", "c0", "client0", 9, accepted=False)
    gone = check(replace(run, sent=[*run.sent, elsewhere]))

    assert (there, gone) == ([], [])


def test_two_clients_may_overtake_each_other_and_a_repeated_request_its_own_messages() -> None:
    run = a_run([4], [0])
    turns = {"c0-m0": ("a", 3), "c0-m1": ("b", 1), "c0-m2": ("a", 3), "c0-m3": ("a", 4)}
    sent = [
        replace(s, client=turns[s.message_id][0], turn=turns[s.message_id][1]) for s in run.sent
    ]

    assert check(replace(run, sent=sent)) == []


def test_a_repeat_passes_where_a_providers_answer_was_lost_and_nowhere_else() -> None:
    run = received_again(a_run([3, 3], [0]), "c0", 0)

    assert check(run, repeats={"p-c0"}) == []
    assert [f.kind for f in check(run, repeats={"p-c1"})] == [Kind.REPEATED]


def test_sent_is_the_end_where_the_provider_never_told_more() -> None:
    run = unread(a_run([3], [0]), "c0", 1)
    quiet = in_inbox(run, "p-c0", [replace(h, told=False) for h in run.inboxes["p-c0"]])

    assert [f.kind for f in check(run)] == [Kind.UNENDED]
    assert check(quiet) == []


def test_who_has_failed_for_a_reason_need_not_have_it() -> None:
    run = not_received(a_run([3], [0]), "c0", 2)
    run = in_inbox(
        run, "everybody", [h for h in run.inboxes["everybody"] if h.message_id != "c0-m2"]
    )
    entries = list(run.histories["c0"])
    entries[2] = replace(entries[2], status="FAILED", reason="131026")

    assert check(in_history(run, "c0", entries)) == []
