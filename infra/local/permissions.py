"""Permissions that only the emulator asks for.

AWS checks a batch operation by the action of its single form: `sqs:SendMessage` for
SendMessageBatch, `dynamodb:PartiQLInsert` for an INSERT in a BatchExecuteStatement. That is what
the template grants. MiniStack 1.5.33 with AUTH=true checks the operation's own name, which is no
IAM action on AWS. So each role is given, here and only here, the batch form of what it may do,
on the same resources. It checks a schedule as if it were in the default group, whichever group it
is made in, and what is done to a subscription without a resource, where AWS checks it by its topic.
And a role that a container has on AWS is assumed by a process of this machine.
"""

import json
from collections.abc import Iterator
from typing import Any

from infra.local import aws

NAME = "emulator-batch-operations"
BATCH_FORMS = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
    "sns:Publish": "sns:PublishBatch",
    "dynamodb:PartiQLInsert": "dynamodb:BatchExecuteStatement",
    "dynamodb:PartiQLUpdate": "dynamodb:BatchExecuteStatement",
}
SCHEDULE = "scheduler:CreateSchedule"
WITHOUT_RESOURCE = "dynamodb:BatchExecuteStatement"
"""Checked before the tables in its statements are known."""
OF_SUBSCRIPTIONS = {
    f"sns:{operation}"
    for operation in ("Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes")
}


def allow_batch_operations(endpoint: str, stage: str) -> None:
    """Add them to every role of the stage's stack."""
    iam = aws.client(endpoint, "iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if not name.startswith(f"chat4all-{stage}-"):
                continue
            statements: list[dict[str, Any]] = []
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                if policy != NAME:
                    statements += batch_statements(document["Statement"])
                    statements += default_group(document["Statement"])
                    statements += any_subscription(document["Statement"])
            if statements:
                document = {"Version": "2012-10-17", "Statement": statements}
                iam.put_role_policy(
                    RoleName=name, PolicyName=NAME, PolicyDocument=json.dumps(document)
                )


def let_this_machine_assume(endpoint: str, role: str) -> None:
    """Whoever has the emulator's own credentials may have this role's rights."""
    account = role.split(":")[4]
    trusted = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
    }
    aws.client(endpoint, "iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    )


def batch_statements(granted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same statements with batch forms in the place of their actions, where there are any."""
    for statement in granted:
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        for form in sorted({BATCH_FORMS[a] for a in actions if a in BATCH_FORMS}):
            resource = "*" if form == WITHOUT_RESOURCE else statement["Resource"]
            yield {"Effect": "Allow", "Action": form, "Resource": resource}


def default_group(granted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Who may make schedules in a group of ours, in the default one as well."""
    for statement in granted:
        if SCHEDULE in statement["Action"]:
            arn = str(statement["Resource"]).split(":schedule/")[0]
            yield {"Effect": "Allow", "Action": SCHEDULE, "Resource": f"{arn}:schedule/default/*"}


def any_subscription(granted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Who may do something to a topic's subscriptions, to all of them."""
    for statement in granted:
        if actions := sorted(OF_SUBSCRIPTIONS.intersection(statement["Action"])):
            yield {"Effect": "Allow", "Action": actions, "Resource": "*"}
