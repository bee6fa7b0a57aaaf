"""Least privilege: what each function may do, to what, and nothing more.

The table is compared with the template as CloudFormation expands it, both ways: a permission that
is not in it fails, and so does one that is gone. Who adds a function or a permission adds it here.
The local emulator enforces them, so the end-to-end tests prove that they are enough.
"""

from __future__ import annotations

import pytest

from tests.support.privileges import expanded, grants, opened_to, roles_of_functions, words

pytestmark = pytest.mark.req("RNF-009")
RESOURCES = expanded()
ROLES = roles_of_functions(RESOURCES)
CONNECTORS = [name for name in ROLES if name.endswith("ConnectorFunction")]

INDEX = "${Table}/index/GSI1"
FILES = "${FilesBucket}/files/*"
THOSE_FILES = "FilesBucket if s3:prefix is files/*"
ANY_CHANNELS_QUEUE = "sqs:chat4all-${Stage}-channel-*.fifo"
ANY_CHANNELS_SETTINGS = "ssm:parameter/chat4all/${Stage}/channels/*"
PUSHES = {
    f"execute-api:${{Sockets}}/v1/{method}/@connections/*": "execute-api: ManageConnections"
    for method in ("POST", "DELETE")
}
CLOSES = "execute-api:${Sockets}/v1/DELETE/@connections/*"
TAKES = "sqs: ReceiveMessage DeleteMessage GetQueueAttributes"
TAKES_AND_HIDES = f"{TAKES} ChangeMessageVisibility"
SENDS = "sqs: SendMessage"
OF_SUBSCRIPTIONS = "sns: Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes"
STORES_FILES = "s3: GetObject PutObject DeleteObject AbortMultipartUpload ListMultipartUploadParts"

PRIVILEGES = {
    "HttpApiFunction": {
        "Table": "dynamodb: GetItem BatchGetItem Query PutItem UpdateItem DeleteItem "
        "ConditionCheckItem PartiQLInsert",
        INDEX: "dynamodb: Query",
        FILES: "s3: GetObject PutObject AbortMultipartUpload ListMultipartUploadParts",
        "InboundQueue": SENDS,
        "UploadsQueue": SENDS,
        "ErasuresQueue": SENDS,
        "WebhooksQueue": SENDS,
        "AttemptsQueue": SENDS,
        "EventsTopic": f"{OF_SUBSCRIPTIONS} Subscribe ListSubscriptionsByTopic",
        "${EventsTopic}:*": OF_SUBSCRIPTIONS,
        "SignsWithB ? TokenKeyB : TokenKey": "kms: Sign",
        "HasKeyA ? TokenKey : AWS::NoValue": "kms: GetPublicKey",
        "HasKeyB ? TokenKeyB : AWS::NoValue": "kms: GetPublicKey",
    },
    "AuthorizeRequestFunction": {
        "Table": "dynamodb: GetItem",
        "HasKeyA ? TokenKey : AWS::NoValue": "kms: GetPublicKey",
        "HasKeyB ? TokenKeyB : AWS::NoValue": "kms: GetPublicKey",
    },
    "ReceiveCallbackFunction": {
        "CallbacksQueue": SENDS,
        ANY_CHANNELS_SETTINGS: "ssm: GetParameter",
    },
    "ConnectClientFunction": {
        "Table": "dynamodb: GetItem BatchGetItem Query PutItem UpdateItem DeleteItem",
        INDEX: "dynamodb: Query",
        "InboundQueue": SENDS,
        "EventsTopic": "sns: Publish",
        "HasKeyA ? TokenKey : AWS::NoValue": "kms: GetPublicKey",
        "HasKeyB ? TokenKeyB : AWS::NoValue": "kms: GetPublicKey",
        **PUSHES,
    },
    "RouteMessageFunction": {
        "Table": "dynamodb: BatchGetItem PutItem UpdateItem PartiQLUpdate",
        "InboundQueue": TAKES,
        ANY_CHANNELS_QUEUE: SENDS,
    },
    "ApplyCallbackFunction": {
        "Table": "dynamodb: GetItem BatchGetItem PutItem UpdateItem DeleteItem ConditionCheckItem "
        "PartiQLInsert PartiQLUpdate",
        INDEX: "dynamodb: Query",
        "CallbacksQueue": TAKES_AND_HIDES,
        "InboundQueue": SENDS,
        "MediaQueue": SENDS,
        ANY_CHANNELS_QUEUE: SENDS,
    },
    "FinishUploadFunction": {
        "Table": "dynamodb: GetItem UpdateItem",
        FILES: STORES_FILES,
        THOSE_FILES: "s3: ListBucket",
        "UploadsQueue": TAKES_AND_HIDES,
    },
    "FetchMediaFunction": {
        "Table": "dynamodb: GetItem UpdateItem",
        FILES: STORES_FILES,
        THOSE_FILES: "s3: ListBucket",
        "MediaQueue": TAKES_AND_HIDES,
        ANY_CHANNELS_SETTINGS: "ssm: GetParameter",
    },
    "EraseUserFunction": {
        "Table": "dynamodb: GetItem BatchGetItem Query PutItem UpdateItem DeleteItem PartiQLUpdate",
        INDEX: "dynamodb: Query",
        FILES: "s3: DeleteObject AbortMultipartUpload",
        "ErasuresQueue": f"{TAKES_AND_HIDES} SendMessage",
        CLOSES: "execute-api: ManageConnections",
    },
    "RelayChangesFunction": {
        "Table": "dynamodb: GetItem BatchGetItem Query PutItem",
        "Table.StreamArn": "dynamodb: DescribeStream GetRecords GetShardIterator ListStreams",
        "EventsTopic": "sns: Publish",
        "RelayDeadLetterQueue": SENDS,
    },
    "QueueAttemptsFunction": {
        "Table": "dynamodb: GetItem Query",
        "WebhooksQueue": f"{TAKES_AND_HIDES} SendMessage",
        "AttemptsQueue": SENDS,
    },
    "DispatchWebhookFunction": {
        "Table": "dynamodb: GetItem UpdateItem PartiQLInsert",
        "AttemptsQueue": TAKES_AND_HIDES,
        "WebhooksQueue": SENDS,
        "scheduler:schedule/${WebhookSchedules}/*": "scheduler: CreateSchedule",
        "WebhookSchedulerRole if iam:PassedToService is scheduler.amazonaws.com": "iam: PassRole",
    },
    "PushRealtimeFunction": {
        "Table": "dynamodb: GetItem BatchGetItem UpdateItem DeleteItem",
        INDEX: "dynamodb: Query",
        "RealtimeQueue": TAKES_AND_HIDES,
        **PUSHES,
    },
}
for name in CONNECTORS:  # a new channel is allowed the same, by its own name
    channel = RESOURCES[name]["Properties"]["Environment"]["Variables"]["CHANNEL"]
    PRIVILEGES[name] = {
        "Table": "dynamodb: GetItem BatchGetItem UpdateItem PartiQLInsert PartiQLUpdate",
        FILES: "s3: GetObject",
        name.replace("ConnectorFunction", "Queue"): TAKES_AND_HIDES,
        ANY_CHANNELS_QUEUE: SENDS,
        f"ssm:parameter/chat4all/${{Stage}}/channels/{channel}": "ssm: GetParameter",
    }


def in_full(row: dict[str, str]) -> dict[str, set[str]]:
    """`{"Table": "dynamodb: GetItem Query"}` → `{"Table": {"dynamodb:GetItem", …}}`"""
    full = {}
    for resource, text in row.items():
        service, actions = text.split(": ")
        full[resource] = {f"{service}:{action}" for action in actions.split()}
    return full


def test_every_function_is_in_the_table() -> None:
    assert set(ROLES) == set(PRIVILEGES)
    assert len(set(ROLES.values())) == len(ROLES), "no two functions share a role"


@pytest.mark.parametrize("function", PRIVILEGES)
def test_a_function_may_do_what_the_table_says_and_nothing_more(function: str) -> None:
    assert grants(RESOURCES[ROLES[function]]) == in_full(PRIVILEGES[function])


@pytest.mark.parametrize("function", PRIVILEGES)
def test_no_action_is_a_wildcard_and_no_resource_is_everything(function: str) -> None:
    for resource, actions in grants(RESOURCES[ROLES[function]]).items():
        assert resource.split(" if ")[0] not in ("*", "")
        assert not any("*" in action for action in actions)


@pytest.mark.parametrize("function", PRIVILEGES)
def test_of_aws_itself_there_are_two_policies_and_one_is_held_to_our_own_logs(
    function: str,
) -> None:
    """SAM gives both to each function: log lines to any log of the account, which a denial cuts
    down, and segments for X-Ray."""
    role = RESOURCES[ROLES[function]]["Properties"]
    [denied] = RESOURCES["OnlyOurLogs"]["Properties"]["PolicyDocument"]["Statement"]

    assert role["ManagedPolicyArns"] == [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",  # it has no resources to be held to
        {"Ref": "OnlyOurLogs"},
    ]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": ["lambda.amazonaws.com"]},
        }
    ]
    assert denied["Effect"] == "Deny"
    assert set(denied["Action"]) == {
        f"logs:{what}" for what in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
    }
    assert words(denied["NotResource"]) == "logs:log-group:/aws/lambda/chat4all-${Stage}-*"


def test_a_role_that_is_no_functions_is_the_schedulers_or_the_grpc_fronts() -> None:
    roles = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::IAM::Role"}
    policies = {n for n, resource in RESOURCES.items() if resource["Type"] == "AWS::IAM::Policy"}

    others = {"WebhookSchedulerRole", "GrpcTaskRole"}
    assert roles - set(ROLES.values()) == others and not policies
    scheduler = RESOURCES["WebhookSchedulerRole"]
    assert grants(scheduler) == {"WebhooksQueue": {"sqs:SendMessage"}}
    [trust] = scheduler["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.req("RF-008")
def test_the_grpc_front_may_do_what_the_http_api_may_and_nothing_more() -> None:
    """The same operations by another door. Local stacks run it under this role."""
    role = RESOURCES["GrpcTaskRole"]
    [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert grants(role) == in_full(PRIVILEGES["HttpApiFunction"])
    assert "ManagedPolicyArns" not in role["Properties"], "ECS writes the log, not the container"
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


INVOKERS = {
    "AuthorizeRequestFunction": "execute-api:${Api}/authorizers/${Authorizer}",
    "HttpApiFunction": "execute-api:${Api}/*",
    "ReceiveCallbackFunction": "execute-api:${Api}/*/*/v1/channels/*/webhook",
    "ConnectClientFunction": "execute-api:${Sockets}/*",
}


def test_nobody_but_our_own_gateways_may_invoke_a_function() -> None:
    permissions = [
        resource["Properties"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Lambda::Permission"
    ]

    assert {p["FunctionName"]["Ref"]: words(p["SourceArn"]) for p in permissions} == INVOKERS
    assert {(p["Action"], p["Principal"]) for p in permissions} == {
        ("lambda:InvokeFunction", "apigateway.amazonaws.com")
    }


OPEN_TO = {
    "EventQueuesPolicy": "sns.amazonaws.com if aws:SourceArn is EventsTopic",
    "FilesBucketPolicy": "nobody",
    "DataKey": "the account, * if kms:CallerAccount is AWS::AccountId if kms:ViaService is "
    "dynamodb.${AWS::Region}.amazonaws.com or s3.${AWS::Region}.amazonaws.com or "
    "sns.${AWS::Region}.amazonaws.com",
}
"""What a resource's own policy lets others do. A key that signs is its account's alone."""


@pytest.mark.parametrize("name", [name for name in RESOURCES if opened_to(RESOURCES[name])])
def test_a_resource_is_open_to_those_it_serves_and_to_nobody_else(name: str) -> None:
    assert opened_to(RESOURCES[name]) == OPEN_TO.get(name, "the account")
