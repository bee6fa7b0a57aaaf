"""A client that works less answers as botocore's own does."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chat4all.adapters import lighter
from chat4all.adapters.lighter import lighten
from tests.contract.worlds import KEY, REGION
from tests.support.aws_table import create_table

TEXT = {"pk": {"S": 'a "B": b'}, "sk": {"S": "x"}, "n": {"N": "1"}, "l": {"L": [{"NULL": True}]}}
BYTES = {"pk": {"S": "b"}, "sk": {"S": "x"}, "raw": {"B": b"\x00\xff"}, "all": {"BS": [b"1"]}}


def clients(service: str) -> tuple[Any, Any]:
    """Botocore's, and one that was lightened."""
    session = boto3.Session(KEY, KEY, region_name=REGION)
    plain, light = session.client(service), session.client(service)
    lighten(light, service)
    return plain, light


@pytest.mark.parametrize("items", [[TEXT], [BYTES], [TEXT, BYTES], []])
@mock_aws
def test_items_are_read_as_they_are(items: list[dict[str, Any]]) -> None:
    plain, light = clients("dynamodb")
    create_table(plain, "table")
    for item in items:
        plain.put_item(TableName="table", Item=item)
    keys = [{name: item[name] for name in ("pk", "sk")} for item in (TEXT, BYTES)]
    wanted = {"RequestItems": {"table": {"Keys": keys}}}

    found, expected = light.batch_get_item(**wanted), plain.batch_get_item(**wanted)

    assert found["Responses"] == expected["Responses"]
    assert found["UnprocessedKeys"] == expected["UnprocessedKeys"]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200


@mock_aws
def test_errors_are_raised_as_they_were() -> None:
    _, light = clients("dynamodb")

    with pytest.raises(light.exceptions.ResourceNotFoundException):
        light.batch_get_item(RequestItems={"nowhere": {"Keys": [{"pk": {"S": "a"}}]}})


@mock_aws
def test_a_topic_gets_what_was_published() -> None:
    _, topics = clients("sns")
    queues = clients("sqs")[1]
    topic = topics.create_topic(Name="events")["TopicArn"]
    queue = queues.create_queue(QueueName="heard")["QueueUrl"]
    topics.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:heard",
        Attributes={"RawMessageDelivery": "true"},
    )
    words = "Olá & 100% = 💬\n+1"
    attributes = {"type": {"DataType": "String", "StringValue": "é&="}}

    topics.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[{"Id": "0", "Message": words, "MessageAttributes": attributes}],
    )

    heard = queues.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert [message["Body"] for message in heard] == [words]
    assert heard[0]["MessageAttributes"]["type"]["StringValue"] == "é&="


def test_an_answer_that_was_cut_off_is_left_to_botocore() -> None:
    taken: dict[str, Any] = {}
    cut = {"status_code": 200, "body": b'{"Items": [{"pk"'}

    lighter._take_as_it_came(cut, taken)

    assert (taken, cut["body"]) == ({}, b'{"Items": [{"pk"')
