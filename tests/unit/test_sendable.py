"""Texts that people can write and SQS refuses travel escaped."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.sendable import sendable


@given(st.text())
def test_the_json_means_the_same_and_has_nothing_that_sqs_refuses(text: str) -> None:
    sent = sendable(json.dumps({"text": text}, ensure_ascii=False))

    assert json.loads(sent) == {"text": text}
    assert not {"\ufffe", "\uffff"} & set(sent)


@pytest.mark.parametrize("text", ["plain", "é", "🎈", "\ufffd"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert sendable(json.dumps(text, ensure_ascii=False)) == f'"{text}"'
