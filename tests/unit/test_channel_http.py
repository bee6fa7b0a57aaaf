"""Files over a real socket: read in pieces, whole or not at all, and from nobody else."""

import pytest

from chat4all.channels.http import CHUNK_BYTES, only_from, stream
from chat4all.errors import TryLater, Undeliverable
from tests.serving import a_provider

pytestmark = pytest.mark.req("RF-003")
CONTENT = bytes(range(256)) * 1024
HOSTS = ("fbsbx.com", "cdninstagram.com")
BASE = "https://graph.example.com/v1"


def read(url: str, **headers: str) -> bytes:
    with stream(url, headers) as download:
        return b"".join(download.chunks)


def test_a_file_is_read_in_bounded_pieces() -> None:
    with a_provider() as served:
        served.answers["/a"] = (200, {"content-type": "image/png"}, CONTENT)

        with stream(f"{served.url}/a", {"authorization": "Bearer t"}) as download:
            chunks = list(download.chunks)

    assert (download.content_type, download.size) == ("image/png", len(CONTENT))
    assert b"".join(chunks) == CONTENT
    assert max(map(len, chunks)) <= CHUNK_BYTES
    [(_, headers)] = served.asked
    assert (headers["authorization"], headers["accept-encoding"]) == ("Bearer t", "identity")


def test_a_length_that_is_not_told_is_not_known() -> None:
    with a_provider() as served:
        served.answers["/a"] = (200, {"content-length": ""}, CONTENT)

        with stream(f"{served.url}/a", {}) as download:
            content = b"".join(download.chunks)

    assert (download.size, content) == (None, CONTENT)


def test_a_file_that_is_cut_short_is_asked_for_again() -> None:
    with a_provider() as served:
        served.answers["/a"] = (200, {"content-length": str(len(CONTENT) + 1)}, CONTENT)

        with pytest.raises(TryLater) as error:
            read(f"{served.url}/a")

    assert error.value.code == "answer_lost"


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 429, 500, 503])
def test_anything_but_a_200_is_no_file(status: int) -> None:
    with a_provider() as served:
        served.answers["/a"] = (status, {"retry-after": "17"}, b"")

        with pytest.raises(TryLater) as error:
            read(f"{served.url}/a")

    assert (error.value.code, error.value.retry_after) == (f"http_{status}", 17)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with a_provider() as served:
        served.answers["/a"] = (status, {"location": "/b"}, b"")
        served.answers["/b"] = (200, {}, b"from elsewhere")

        with pytest.raises(TryLater, match=f"http_{status}"):
            read(f"{served.url}/a")

    assert [path for path, _ in served.asked] == ["/a"]


def test_what_is_compressed_all_the_same_is_kept_as_it_came() -> None:
    with a_provider() as served:
        served.answers["/a"] = (200, {"content-encoding": "gzip"}, b"no gzip at all")

        assert read(f"{served.url}/a") == b"no gzip at all"


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/media/1",
        "https://fbsbx.com/a",
        "https://lookaside.fbsbx.com/a?b=c",
        "https://scontent.cdninstagram.com:443/a",
        "https://LOOKASIDE.FBSBX.COM/a",
    ],
)
def test_a_providers_address_is_taken(url: str) -> None:
    only_from(url, BASE, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://lookaside.fbsbx.com/a",
        "https://fbsbx.com.evil.com/a",
        "https://evilfbsbx.com/a",
        "https://fbsbx.com@evil.com/a",
        "https://evil.com/?fbsbx.com",
        "https://evil.com/#.fbsbx.com",
        "https://169.254.169.254/latest/meta-data",
        "http://graph.example.com/v1",
        "https://graph.example.com:444/v1",
        "https://graph.example.com.evil.com/",
        "file:///etc/passwd",
        "//lookaside.fbsbx.com/a",
        "lookaside.fbsbx.com",
        "",
    ],
)
def test_anybody_elses_address_is_refused(url: str) -> None:
    with pytest.raises(Undeliverable, match="media_elsewhere"):
        only_from(url, BASE, HOSTS)


def test_an_address_that_two_parsers_read_differently_is_refused() -> None:
    with pytest.raises(Undeliverable, match="media_elsewhere"):
        only_from("https://evil.com\\@lookaside.fbsbx.com/a", BASE, HOSTS)


@pytest.mark.parametrize("url", ["https://[", "https://[fbsbx.com]/a"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Undeliverable, match="media_elsewhere"):
        only_from(url, BASE, HOSTS)
