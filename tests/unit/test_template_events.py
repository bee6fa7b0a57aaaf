"""What template.yaml promises of events: who gets them, who may call out, and what waits where."""

import json

import pytest
from test_template import FUNCTIONS, MAPPINGS, QUEUES, TEMPLATE, resources, statements

pytestmark = pytest.mark.req("RF-009")
SUBSCRIPTIONS = {
    subscription["Endpoint"]["Fn::GetAtt"][0]: subscription
    for subscription in resources("AWS::SNS::Subscription").values()
    if subscription["Protocol"] == "sqs"
}


def allowed(function: str, action: str) -> list[object]:
    """The resources on which a function may do something."""
    return [s["Resource"] for s in statements(function) if action in s["Action"]]


@pytest.mark.parametrize(
    ("queue", "listens"), [("WebhooksQueue", "webhooks"), ("RealtimeQueue", "realtime")]
)
def test_the_topic_hands_on_only_what_somebody_listens_to(queue: str, listens: str) -> None:
    subscription = SUBSCRIPTIONS[queue]

    assert subscription["TopicArn"] == {"Ref": "EventsTopic"}
    assert subscription["FilterPolicy"] == {listens: ["yes"]}
    assert subscription["RawMessageDelivery"] is True


def test_nobody_but_the_topic_may_write_to_its_queues() -> None:
    policy = resources("AWS::SQS::QueuePolicy")["EventQueuesPolicy"]
    [statement] = policy["PolicyDocument"]["Statement"]

    assert policy["Queues"] == [{"Ref": "WebhooksQueue"}, {"Ref": "RealtimeQueue"}]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "EventsTopic"}}}


def test_the_stream_passes_on_what_becomes_an_event_and_nothing_else() -> None:
    [pattern] = MAPPINGS["RelayChangesMapping"]["FilterCriteria"]["Filters"]

    wanted = json.loads(pattern["Pattern"])["dynamodb"]["Keys"]["sk"]["S"]
    assert wanted == [
        "RECEIPTS",
        "META",
        "FILE",
        "PRESENCE",
        {"prefix": "MEMBER#"},
        {"prefix": "ENDPOINT#"},
    ]


def test_an_attempt_waits_where_its_role_may_bring_it_back_from() -> None:
    role = resources("AWS::IAM::Role")["WebhookSchedulerRole"]
    [statement] = role["Policies"][0]["PolicyDocument"]["Statement"]

    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == {"Fn::GetAtt": ["WebhooksQueue", "Arn"]}
    assert allowed("DispatchWebhookFunction", "iam:PassRole") == [
        {"Fn::GetAtt": ["WebhookSchedulerRole", "Arn"]}
    ]


def test_the_schedule_is_the_published_one() -> None:
    default = TEMPLATE["Parameters"]["WebhookSchedule"]["Default"]

    assert default == "0,5,300,1800,7200,18000,36000,36000"


def test_only_who_posts_to_subscribers_may_schedule_and_few_reach_sockets() -> None:
    schedules = [f for f in FUNCTIONS if allowed(f, "scheduler:CreateSchedule")]
    reaching = [f for f in FUNCTIONS if allowed(f, "execute-api:ManageConnections")]

    assert schedules == ["DispatchWebhookFunction"]
    assert set(reaching) == {"ConnectClientFunction", "EraseUserFunction", "PushRealtimeFunction"}


def test_slow_subscribers_cannot_take_all_of_the_accounts_concurrency() -> None:
    assert MAPPINGS["DispatchWebhookMapping"]["ScalingConfig"] == {"MaximumConcurrency": 100}


def test_a_push_that_comes_too_late_is_forgotten() -> None:
    assert QUEUES["RealtimeQueue"]["MessageRetentionPeriod"] == 600


def test_the_sockets_stage_needs_no_role_that_a_fresh_account_lacks() -> None:
    assert "AccessLogSettings" not in resources("AWS::ApiGatewayV2::Stage")["SocketsStage"]


def test_webhooks_to_the_machine_itself_must_be_asked_for() -> None:
    assert TEMPLATE["Parameters"]["LoopbackWebhooks"]["Default"] == "no"
