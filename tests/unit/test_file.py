"""Files' names, types and parts: what clients say of them is made safe, and the parts add up."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from chat4all.file import (
    MAX_NAME_BYTES,
    MAX_PART,
    MAX_SIZE,
    MIN_PART,
    File,
    clean_name,
    crc64nvme,
    media_type,
    readable_size,
)
from tests.builders import NOW, an_id
from tests.uploading import a_new_file

pytestmark = pytest.mark.req("RF-003")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("Relatório final (v2).pdf", "Relatório final (v2).pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\ana\\a.txt", "C_Users_ana_a.txt"),
        ("/", "_"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ("nul\x00.txt", "nul_.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\u200b\u2066b\u2069\ufeff.txt", "ab.txt"),
        ("a\u2028b\u2029c", "abc"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        ("\u202e", "file"),
        (" . ", "file"),
        ("name. ", "name"),
        ("e\u0301.txt", "e\u0301.txt"),  # content: as it was written
        ("half an emoji \ud83d.txt", "half an emoji .txt"),
        ("😀.txt", "😀.txt"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_safe(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("é" * 200 + ".pdf", "é" * 125 + ".pdf"),
        ("😀" * 100, "😀" * 63),
        ("a." + "b" * 300, "a." + "b" * 253),
        ("x" * 250 + "." + "y" * 32, "x" * 222 + "." + "y" * 32),
    ],
    ids=range(5),
)
def test_a_long_name_keeps_its_extension_and_no_half_characters(given: str, kept: str) -> None:
    assert clean_name(given) == kept


odd = st.sampled_from("ab.é😀/ \u200d\u0301")
names = st.text(min_size=1, max_size=300) | st.text(odd, max_size=400)


@given(names)
def test_whatever_a_client_says_becomes_a_name(given: str) -> None:
    name = clean_name(given)

    assert 1 <= len(name.encode()) <= MAX_NAME_BYTES
    assert not set(name) & set("/\\:")
    assert not name.startswith((".", " "))
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)


@given(names)
@example("a" * 254 + " b")
@example("a" * 254 + ".b" + "c" * 40)
@example("a\u200d\u0301")
def test_a_name_that_is_clean_stays_as_it_is(given: str) -> None:
    name = clean_name(given)

    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("image/png", "image/png"),
        ("Text/HTML; charset=utf-8", "text/html"),
        (" audio/ogg ; codecs=opus", "audio/ogg"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
    ],
)
def test_a_media_type_is_kept_without_its_parameters(given: str, kept: str) -> None:
    assert media_type(given) == kept


@pytest.mark.parametrize(
    "given", ["", "png", "image/", "/png", "a/b/c", "im age/png", "image/png\r\nx: y", "*/*", "é/x"]
)
def test_what_is_no_media_type_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="type/subtype"):
        media_type(given)


@pytest.mark.parametrize("text", ["", "AAAA", "AAAAAAAAAAAA", "not base64!!", "AAAAAAAAAAA", "é"])
def test_a_checksum_is_eight_bytes_in_base64(text: str) -> None:
    assert crc64nvme("AAAAAAAAAAA=") == "AAAAAAAAAAA="
    with pytest.raises(ValueError):
        crc64nvme(text)


def test_a_checksum_has_one_form_only() -> None:
    with pytest.raises(ValueError):
        crc64nvme("AAAAAAAAAAB=")


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 0},
        {"size": -1},
        {"size": 1.5},
        {"part_size": MIN_PART - 1},
        {"part_size": MAX_PART + 1},
        {"filename": ""},
        {"filename": "x" * 1025},
        {"content_type": "nothing"},
        {"sha256": "00"},
        {"sha256": "G" * 64},
        {"conversation_id": "none"},
        {"user_id": "nobody at all"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_file_that_means_nothing_is_refused(changes: dict) -> None:
    with pytest.raises(ValidationError):
        a_new_file(**{"size": 1, **changes})


def a_file(size: int | None, part_size: int) -> File:
    return File(
        file_id=an_id(1),
        owner="ana",
        filename="x",
        content_type="a/b",
        size=size,
        part_size=part_size,
        created_at=NOW,
    )


@given(st.integers(1, MAX_SIZE), st.integers(MIN_PART, MAX_PART))
def test_the_parts_add_up_to_the_file_and_are_few_enough_for_s3(size: int, part_size: int) -> None:
    file = a_file(size, part_size)
    parts = [file.part_bytes(number) for number in range(1, (file.part_count or 0) + 1)]

    assert sum(part or 0 for part in parts) == size
    assert 1 <= len(parts) <= 10_000
    assert all(part == part_size for part in parts[:-1])
    assert 1 <= (parts[-1] or 0) <= part_size


def test_of_a_file_of_unknown_length_nothing_is_known() -> None:
    file = a_file(None, MIN_PART)

    assert (file.part_count, file.part_bytes(1)) == (None, None)


@pytest.mark.parametrize(
    ("size", "read"),
    [
        (1, "1 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_800_000_000, "1.8 GB"),
        (MAX_SIZE, "2.1 GB"),
    ],
)
def test_a_size_is_told_in_thousands(size: int, read: str) -> None:
    assert readable_size(size) == read
