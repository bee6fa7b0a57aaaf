"""Fetching files: by those who may, by providers, and by whoever was sent a link."""

import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from chat4all.downloads import LINK_LASTS_MS
from chat4all.errors import Conflict, NotFound
from chat4all.file import FileStatus
from tests.builders import as_user
from tests.uploading import PDF, PNG, WORDS, checked, completed, uploaded
from tests.world import World

pytestmark = pytest.mark.req("RF-003")
ANA = as_user("ana")


def shown(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_file_is_fetched_under_its_own_name_for_five_minutes() -> None:
    world = World()
    file = checked(world, filename="Relatório.txt")

    url = world.downloads.content_url(ANA, file.file_id)

    assert urlsplit(url).path == f"/files/{file.file_id}"
    assert shown(url) == {
        "name": "Relatório.txt",
        "type": "text/plain",
        "inline": "False",
        "expires": "300",
    }


@pytest.mark.parametrize(
    ("content", "content_type", "inline"),
    [
        (PNG, "image/png", True),
        (b"GIF89a", "image/gif", True),
        (WORDS, "text/html", False),
        (WORDS, "image/svg+xml", False),
        (PDF, "application/pdf", False),
        (WORDS, "application/octet-stream", False),
    ],
)
def test_only_what_runs_no_script_is_shown_in_place(content, content_type, inline) -> None:
    world = World()
    file = checked(world, content, content_type=content_type)

    url = world.downloads.content_url(ANA, file.file_id, inline=True)

    assert shown(url)["inline"] == str(inline)


def test_a_file_that_is_not_ready_is_not_fetched() -> None:
    world = World()
    begun = uploaded(world)
    waiting = completed(world)
    aborted = uploaded(world)
    world.uploads.abort(ANA, aborted.file_id)
    rejected = checked(world, WORDS, checksum="AAAAAAAAAAA=")

    for file, status in (
        (begun, "UPLOADING"),
        (waiting, "CHECKING"),
        (aborted, "ABORTED"),
        (rejected, "REJECTED"),
    ):
        with pytest.raises(Conflict) as refused:
            world.downloads.content_url(ANA, file.file_id)
        assert refused.value.code == "file_not_ready"
        assert refused.value.extra == {"file_status": status}


def test_a_rejected_file_says_why_it_is_not_fetched() -> None:
    world = World()
    file = checked(world, WORDS, checksum="AAAAAAAAAAA=")

    with pytest.raises(Conflict) as refused:
        world.downloads.content_url(ANA, file.file_id)

    assert "checksum" in refused.value.detail


def test_a_provider_gets_an_hour() -> None:
    world = World()

    url = world.downloads.provider_url(checked(world))

    assert shown(url)["expires"] == "3600"


def test_a_link_leads_to_the_file_for_whoever_has_it() -> None:
    world = World()
    file = checked(world)

    link = world.downloads.new_link(file)
    base, token = link.rsplit("/", 1)

    assert base == "https://api.example.com/f"
    assert len(token) >= 22, "128 bits"
    url = world.downloads.linked_url(token)
    assert urlsplit(url).path == f"/files/{file.file_id}"
    assert (shown(url)["inline"], shown(url)["expires"]) == ("False", "300")


def test_of_a_link_only_the_hash_of_its_token_is_kept() -> None:
    world = World()
    file = checked(world)

    token = world.downloads.new_link(file).rsplit("/", 1)[1]

    hashed = hashlib.sha256(token.encode()).hexdigest()
    assert list(world.file_store._links) == [hashed]
    with pytest.raises(NotFound):
        world.downloads.linked_url(hashed)


def test_every_link_is_another_one() -> None:
    world = World()
    file = checked(world)

    assert len({world.downloads.new_link(file) for _ in range(3)}) == 3


@pytest.mark.parametrize("token", ["", "x", "../files", "0" * 64, "é"])
def test_a_token_that_nobody_was_given_leads_nowhere(token: str) -> None:
    world = World()
    world.downloads.new_link(checked(world))

    with pytest.raises(NotFound) as refused:
        world.downloads.linked_url(token)

    assert refused.value.code == "link_not_found"


def test_a_link_is_over_after_thirty_days() -> None:
    world = World()
    token = world.downloads.new_link(checked(world)).rsplit("/", 1)[1]

    world.clock.advance(LINK_LASTS_MS / 1000 - 1)
    before = world.downloads.linked_url(token)
    world.clock.advance(1)

    assert before
    with pytest.raises(NotFound):
        world.downloads.linked_url(token)


def test_a_link_shows_no_file_that_is_not_ready() -> None:
    world = World()
    file = checked(world)
    token = world.downloads.new_link(file).rsplit("/", 1)[1]
    world.file_store.move(file, FileStatus.REJECTED)

    with pytest.raises(NotFound):
        world.downloads.linked_url(token)
