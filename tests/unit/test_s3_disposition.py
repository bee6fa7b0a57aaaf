"""`Content-Disposition` as RFC 6266 has it: one form that every client reads, one for all names."""

from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.s3 import disposition
from chat4all.file import clean_name

pytestmark = pytest.mark.req("RF-003")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.txt", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        ("two words", "attachment; filename=\"two words\"; filename*=UTF-8''two%20words"),
        ('say "hi"', "attachment; filename=\"say _hi_\"; filename*=UTF-8''say%20%22hi%22"),
        ("100%25.txt", "attachment; filename=\"100_25.txt\"; filename*=UTF-8''100%2525.txt"),
        ("a\\b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%5Cb"),
        ("a;b='c'", "attachment; filename=\"a;b='c'\"; filename*=UTF-8''a%3Bb%3D%27c%27"),
        ("é€😀", "attachment; filename=\"___\"; filename*=UTF-8''%C3%A9%E2%82%AC%F0%9F%98%80"),
    ],
)
def test_a_name_is_given_in_both_forms(name: str, header: str) -> None:
    assert disposition(name, inline=False) == header


def test_a_picture_may_be_shown_in_place() -> None:
    assert disposition("a.png", inline=True).startswith("inline; ")


@given(st.text(min_size=1))
def test_any_name_makes_one_line_of_ascii_that_a_client_reads_back(given_name: str) -> None:
    name = clean_name(given_name)

    header = disposition(name, inline=False)

    assert header.isascii()
    assert header.isprintable()
    read = Message()
    read["content-disposition"] = header
    assert read.get_content_disposition() == "attachment"
    assert unquote(header.partition("filename*=UTF-8''")[2]) == name
    plain = header.split('"')[1]
    assert len(plain) == len(name)
    assert header.count('"') == 2
