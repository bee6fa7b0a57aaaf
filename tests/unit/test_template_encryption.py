"""What template.yaml promises of data at rest: all of it is encrypted, with a key of ours where
that is worth its price (decision 27)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_template import QUEUES, RESOURCES, SOURCE, resources, statements

from infra.local.home import REPO

pytestmark = pytest.mark.req("RNF-009")
KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
STORES = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",  # CloudWatch encrypts them all, with a key of its own
}
KEEPS_NOTHING = {
    "AWS::ApiGatewayV2",
    "AWS::CloudFormation::Stack",  # of the gRPC front: test_template_grpc.py
    "AWS::CloudWatch::Alarm",
    "AWS::IAM",
    "AWS::KMS",
    "AWS::Lambda",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",  # its schedules: encrypted with a key that AWS owns
    "AWS::Serverless::Function",
}


def test_no_kind_of_store_is_forgotten() -> None:
    kinds = {resource["Type"] for resource in RESOURCES.values()}

    rest = {kind for kind in kinds if not any(kind.startswith(known) for known in KEEPS_NOTHING)}
    assert rest == STORES


def test_the_table_is_encrypted_with_our_key() -> None:
    tables = resources("AWS::DynamoDB::Table")

    specification = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert {name: t["SSESpecification"] for name, t in tables.items()} == {"Table": specification}


def test_the_bucket_is_encrypted_with_our_key_and_asks_for_it_rarely() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()

    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
            "BucketKeyEnabled": True,
        }
    ]


def test_a_topic_is_encrypted_with_our_key_unless_it_tells_operators_of_queues() -> None:
    topics = resources("AWS::SNS::Topic")

    keys = {name: topic.get("KmsMasterKeyId") for name, topic in topics.items()}
    assert keys == {"EventsTopic": KEY, "AlarmTopic": None}


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted_with_a_key_of_sqs(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True
    assert "KmsMasterKeyId" not in QUEUES[name]


def test_the_settings_of_channels_are_encrypted_parameters() -> None:
    reads = (REPO / "functions/chat4all/adapters/ssm.py").read_text()
    written = [
        *(REPO / "docs").rglob("*.md"),
        *(REPO / "infra").rglob("*.py"),
    ]

    assert "WithDecryption=True" in reads
    for path in written:
        for call in re.findall(r"put[-_]parameter\b(?!`).{0,300}", path.read_text(), re.DOTALL):
            assert "SecureString" in call, path


def test_our_key_turns_and_stays_as_long_as_the_bucket_that_needs_it() -> None:
    key, bucket = RESOURCES["DataKey"], RESOURCES["FilesBucket"]

    assert key["Properties"]["EnableKeyRotation"] is True
    for kept in (key, bucket):
        assert kept["DeletionPolicy"] == "RetainExceptOnCreate"
        assert kept["UpdateReplacePolicy"] == "Retain"


def test_our_key_serves_the_account_through_the_services_that_keep_its_data_and_nobody_else() -> (
    None
):
    policy: list[dict[str, Any]] = RESOURCES["DataKey"]["Properties"]["KeyPolicy"]["Statement"]
    administers, through = policy

    assert administers["Principal"] == {
        "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    }
    assert through["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": {"Ref": "AWS::AccountId"},
            "kms:ViaService": [
                {"Fn::Sub": f"{service}.${{AWS::Region}}.amazonaws.com"}
                for service in ("dynamodb", "s3", "sns")
            ],
        }
    }
    assert {action.removeprefix("kms:") for action in through["Action"]} == {
        "Encrypt",
        "Decrypt",
        "ReEncrypt*",
        "GenerateDataKey*",
        "CreateGrant",
        "DescribeKey",
    }


def test_no_function_may_use_our_key_by_itself() -> None:
    functions = resources("AWS::Serverless::Function")

    assert not any("DataKey" in str(s) for name in functions for s in statements(name))
    assert "DATA_KEY" not in SOURCE
