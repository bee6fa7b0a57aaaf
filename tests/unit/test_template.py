"""What template.yaml promises: durable queues, least privilege, nothing secret, nothing unnamed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from apply_callback.handler import UNKNOWN_FOR_MS, UNKNOWN_WAIT

SOURCE = (Path(__file__).parents[2] / "template.yaml").read_text()


class Tags(yaml.SafeLoader):
    """Reads CloudFormation's short tags as their long forms."""


def _long_form(loader: Tags, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Tags.add_multi_constructor("!", _long_form)
TEMPLATE = yaml.load(SOURCE, Loader=Tags)
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]


def resources(kind: str) -> dict[str, dict[str, Any]]:
    return {k: v["Properties"] for k, v in RESOURCES.items() if v["Type"] == kind}


FUNCTIONS = resources("AWS::Serverless::Function")
QUEUES = resources("AWS::SQS::Queue")
MAPPINGS = resources("AWS::Lambda::EventSourceMapping")
WORK_QUEUES = [name for name in QUEUES if not name.endswith("DeadLetterQueue")]
ORDERED_QUEUES = [name for name in WORK_QUEUES if QUEUES[name].get("FifoQueue")]
DEAD_QUEUES = [name for name in QUEUES if name.endswith("DeadLetterQueue")]
QUEUE_MAPPINGS = [k for k, v in MAPPINGS.items() if v["EventSourceArn"]["Fn::GetAtt"][0] in QUEUES]


def statements(function: str) -> list[dict[str, Any]]:
    policies = FUNCTIONS[function]["Policies"]
    return [s for policy in policies if "Statement" in policy for s in policy["Statement"]]


def timeout(function: str) -> int:
    return int(FUNCTIONS[function].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"]))


@pytest.mark.parametrize("name", ORDERED_QUEUES)
def test_a_queue_keeps_order_per_group_at_high_throughput(name: str) -> None:
    queue = QUEUES[name]

    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_only_events_and_erasures_need_no_order() -> None:
    unordered = set(WORK_QUEUES) - set(ORDERED_QUEUES)

    assert unordered == {"WebhooksQueue", "RealtimeQueue", "ErasuresQueue"}


@pytest.mark.parametrize("name", WORK_QUEUES)
def test_a_queue_is_encrypted_and_puts_failures_aside(name: str) -> None:
    queue = QUEUES[name]

    assert queue["SqsManagedSseEnabled"]
    dead = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
    assert QUEUES[dead].get("FifoQueue") == queue.get("FifoQueue")
    assert QUEUES[dead]["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]


@pytest.mark.parametrize("name", DEAD_QUEUES)
def test_a_dead_letter_queue_keeps_for_14_days_and_raises_an_alarm(name: str) -> None:
    alarms = [
        alarm
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": [name, "QueueName"]}
    ]

    assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert [alarm["MetricName"] for alarm in alarms] == ["ApproximateNumberOfMessagesVisible"]
    assert alarms[0]["Threshold"] == 0 and alarms[0]["AlarmActions"] == [{"Ref": "AlarmTopic"}]


def test_a_channel_queue_counts_receives_as_high_as_sqs_can() -> None:
    channels = [name for name in WORK_QUEUES if "-channel-" in str(QUEUES[name]["QueueName"])]

    assert len(channels) >= 2
    for name in channels:
        assert QUEUES[name]["RedrivePolicy"]["maxReceiveCount"] == 1000


def test_a_receipt_for_nothing_of_ours_is_dropped_before_it_could_be_a_dead_letter() -> None:
    looks = UNKNOWN_FOR_MS / 1000 / UNKNOWN_WAIT

    assert QUEUES["CallbacksQueue"]["RedrivePolicy"]["maxReceiveCount"] >= 1.5 * looks


@pytest.mark.parametrize("name", QUEUE_MAPPINGS)
def test_a_batch_reports_its_failures_and_stays_hidden_six_times_as_long_as_it_may_take(
    name: str,
) -> None:
    mapping = MAPPINGS[name]
    queue = QUEUES[mapping["EventSourceArn"]["Fn::GetAtt"][0]]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * timeout(mapping["FunctionName"]["Ref"])


def test_no_channels_backlog_takes_all_of_the_accounts_executions() -> None:
    bounds = {
        name: mapping.get("ScalingConfig")
        for name, mapping in MAPPINGS.items()
        if name.endswith("ConnectorMapping")
    }

    assert bounds
    assert set(map(str, bounds.values())) == {
        str({"MaximumConcurrency": {"Ref": "ChannelConcurrency"}})
    }
    assert 2 <= TEMPLATE["Parameters"]["ChannelConcurrency"]["Default"] < 1000


def test_every_work_queue_has_a_consumer() -> None:
    consumed = {MAPPINGS[name]["EventSourceArn"]["Fn::GetAtt"][0] for name in QUEUE_MAPPINGS}

    assert consumed == set(WORK_QUEUES)


def test_the_stream_keeps_order_and_puts_a_poisonous_batch_aside() -> None:
    mapping = MAPPINGS["RelayChangesMapping"]

    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BisectBatchOnFunctionError"] and mapping["MaximumRetryAttempts"] > 0
    destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": ["RelayDeadLetterQueue", "Arn"]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_by_its_stage_and_logs_for_14_days(name: str) -> None:
    function = FUNCTIONS[name]
    group = RESOURCES[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]

    assert group["RetentionInDays"] == 14
    assert group["LogGroupName"]["Fn::Sub"] == "/aws/lambda/" + function["FunctionName"]["Fn::Sub"]
    assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_only_name_exact_actions_on_its_own_stack(name: str) -> None:
    for statement in statements(name):
        assert all("*" not in action for action in statement["Action"])
        found = statement["Resource"]
        for resource in found if isinstance(found, list) else [found]:
            pattern = resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource
            if "*" in pattern:
                assert any(re.search(f"{allowed}$", pattern) for allowed in WILD)


WILD = (
    r"chat4all-\$\{Stage\}-channel-\*\.fifo",  # what a new channel needs
    r"parameter/chat4all/\$\{Stage\}/channels/\*",
    r"^\$\{FilesBucket.Arn\}/files/\*",
    r":schedule/\$\{WebhookSchedules\}/\*",
    r":\$\{Sockets\}/v1/(POST|DELETE)/@connections/\*",
    r"^\$\{EventsTopic\}:\*",  # its subscriptions
)


def test_the_authorizer_may_read_the_public_keys_an_item_by_its_key_and_nothing_else() -> None:
    assert statements("AuthorizeRequestFunction") == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem"],
            "Resource": {"Fn::GetAtt": ["Table", "Arn"]},
        },
        {
            "Effect": "Allow",
            "Action": ["kms:GetPublicKey"],
            "Resource": [
                {"Fn::If": [has, {"Fn::GetAtt": [key, "Arn"]}, {"Ref": "AWS::NoValue"}]}
                for has, key in (("HasKeyA", "TokenKey"), ("HasKeyB", "TokenKeyB"))
            ],
        },
    ]


def test_only_the_known_routes_are_public() -> None:
    routes = [
        route
        for route in resources("AWS::ApiGatewayV2::Route").values()
        if route["ApiId"] == {"Ref": "Api"}
    ]

    assert {route["RouteKey"] for route in routes if route["AuthorizationType"] == "NONE"} == {
        "POST /auth/token",
        "POST /auth/revoke",
        "GET /.well-known/jwks.json",
        "GET /healthz",
        "GET /openapi.json",
        "GET /docs",
        "GET /f/{token}",
        "GET /v1/channels/{channel}/webhook",
        "POST /v1/channels/{channel}/webhook",
    }


def test_functions_run_on_arm() -> None:
    assert TEMPLATE["Globals"]["Function"]["Architectures"] == ["arm64"]
    assert not any("Architectures" in function for function in FUNCTIONS.values())


def test_the_table_streams_expires_and_can_be_restored() -> None:
    table = resources("AWS::DynamoDB::Table")["Table"]

    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_every_name_carries_the_stage() -> None:
    for name, resource in RESOURCES.items():
        for key, value in resource.get("Properties", {}).items():
            chosen = {"TableName", "QueueName", "TopicName", "LogGroupName", "AlarmName"}
            if (
                key in chosen | {"AliasName", "BucketName"}
                or (key == "Name" and resource["Type"] != "AWS::ApiGatewayV2::Authorizer")
                or (key == "FunctionName" and resource["Type"] == "AWS::Serverless::Function")
            ):
                assert "${Stage}" in value["Fn::Sub"], name


def test_nothing_secret_is_in_the_template() -> None:
    variables = [
        key
        for function in FUNCTIONS.values()
        for key in function["Environment"]["Variables"]
        if re.search(r"SECRET|PASSWORD|ACCESS_TOKEN|PRIVATE", key)
    ]

    assert variables == []
    assert not any(p.get("NoEcho") for p in TEMPLATE["Parameters"].values())


def test_a_channel_is_one_block_between_its_markers() -> None:
    for channel in re.findall(r"# --- channel: (\w+) ---", SOURCE):
        begin, end = f"  # --- channel: {channel} ---\n", f"  # --- end channel: {channel} ---\n"
        before, rest = SOURCE.split(begin)
        block, after = rest.split(end)

        logical = re.findall(r"^  (\w+):$", block, re.MULTILINE)
        assert len(logical) == 7
        assert not any(name in before + after for name in logical)
        assert channel.lower() not in (before + after).lower()
