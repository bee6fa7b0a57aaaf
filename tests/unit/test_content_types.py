"""A file's first bytes are held against its declared type, where others act on that type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.content_types import LOOK, contradiction, shown_inline

pytestmark = pytest.mark.req("RF-003")
REST = bytes(64)
HONEST = [
    ("image/png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
    ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"),
    ("image/gif", b"GIF89a"),
    ("image/webp", b"RIFF\x24\x00\x00\x00WEBPVP8 "),
    ("image/heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
    ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'>"),
    ("video/mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"),
    ("video/3gpp", b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x003gp4"),
    ("video/webm", b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01"),
    ("audio/mp4", b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42"),
    ("audio/mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"),
    ("audio/mpeg", b"ID3\x03\x00\x00\x00\x00\x00\x00"),
    ("audio/mpeg", b"\xff\xfb\x90\x64"),
    ("audio/ogg", b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead"),
    ("audio/amr", b"#!AMR\n"),
    ("audio/aac", b"\xff\xf1\x50\x80"),
    ("audio/wav", b"RIFF\x24\x00\x00\x00WAVEfmt "),
    ("application/pdf", b"%PDF-1.7\n"),
]


@pytest.mark.parametrize(("declared", "first"), HONEST, ids=lambda value: str(value)[:24])
def test_a_file_that_is_what_it_says_is_taken(declared: str, first: bytes) -> None:
    assert contradiction(declared, first + REST) is None


def test_a_drawing_may_begin_with_an_xml_declaration() -> None:
    drawing = b'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'

    assert contradiction("image/svg+xml", drawing) is None


@pytest.mark.parametrize(
    ("declared", "first", "seen"),
    [
        ("image/png", b"%PDF-1.7\n", "application/pdf"),
        ("image/png", b"<html><script>alert(1)</script></html>", "text/html"),
        ("video/mp4", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        ("audio/mpeg", b"GIF89a", "image/gif"),
        ("application/pdf", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        ("application/pdf", b"<!DOCTYPE html><html>", "text/html"),
        ("image/jpeg", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4"),
    ],
)
def test_a_file_that_is_something_else_is_told(declared: str, first: bytes, seen: str) -> None:
    assert contradiction(declared, first + REST) == seen


def test_a_program_is_no_picture() -> None:
    assert contradiction("image/png", b"MZ\x90\x00\x03" + REST) is not None


@pytest.mark.parametrize("first", [b"", b"GI", b"some words", bytes(80)])
def test_bytes_that_nobody_recognises_contradict_nothing(first: bytes) -> None:
    assert contradiction("image/gif", first) is None


@pytest.mark.parametrize("declared", ["text/plain", "application/zip", "application/octet-stream"])
def test_types_that_nobody_acts_on_are_not_looked_at(declared: str) -> None:
    assert contradiction(declared, b"\x89PNG\r\n\x1a\n" + REST) is None


others = [b"PK\x03\x04", b"\x7fELF", b"<?xml", b"BM"]
starts = st.sampled_from([first for _, first in HONEST] + others)
declared_types = st.sampled_from(sorted({declared for declared, _ in HONEST}))


@given(declared_types, starts, st.binary(max_size=200))
def test_no_bytes_make_it_stumble(declared: str, start: bytes, rest: bytes) -> None:
    found = contradiction(declared, (start + rest)[:LOOK])

    assert found is None or "/" in found


@pytest.mark.parametrize(
    ("content_type", "inline"),
    [
        ("image/png", True),
        ("image/jpeg", True),
        ("video/mp4", True),
        ("audio/ogg", True),
        ("image/svg+xml", False),
        ("text/html", False),
        ("text/plain", False),
        ("application/pdf", False),
        ("application/xhtml+xml", False),
        ("application/octet-stream", False),
    ],
)
def test_what_could_run_a_script_is_saved_and_not_shown(content_type: str, inline: bool) -> None:
    assert shown_inline(content_type) is inline
