"""The handlers' environment on moto: the stack's table, bucket, queues, topic, key, parameters."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import boto3
from botocore.loaders import JSONFileLoader
from moto import mock_aws

from chat4all.access.client import Client
from chat4all.access.tokens import SCOPES, USER_SCOPES
from chat4all.adapters import aws
from chat4all.adapters.dynamodb import DynamoClientStore, Table
from chat4all.bootstrap import (
    access,
    chat,
    events,
    parts,
    privacy,
    pushing,
    realtime,
    syncing,
    webhooks,
)
from tests.support.aws_table import create_table
from tests.support.moto_partiql import moto_runs_our_partiql

APP_SECRET = "local-app-secret"
VERIFY_TOKEN = "local-verify-token"
ISSUER = "chat4all-local"
TABLE = "chat4all-local"
QUEUES = (
    "inbound",
    "callbacks",
    "channel-whatsapp",
    "channel-instagram",
    "uploads",
    "media",
    "attempts",
)
EVENT_QUEUES = ("webhooks", "realtime", "erasures")
"""Standard ones: two are filled by the topic."""
BUCKET = "chat4all-local-files"
SERVICE = Client("c4a_service", "service", SCOPES, 0)
PUBLIC_URL = "https://api.example.com"
SOCKETS_URL = "https://sockets.execute-api.us-east-1.amazonaws.com/v1"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "STAGE": "local",
    "LOOPBACK_WEBHOOKS": "yes",
    "QUEUE_PREFIX": "chat4all-local",
    "TABLE_NAME": TABLE,
    "TOKEN_ISSUER": ISSUER,
    "FILES_BUCKET": BUCKET,
    "PUBLIC_URL": PUBLIC_URL,
    "POWERTOOLS_LOG_LEVEL": "WARNING",
}


class Context:
    """What Lambda says of an invocation."""

    function_name = "chat4all-local-test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:chat4all-local-test"
    aws_request_id = "00000000-0000-4000-8000-00000000aaaa"

    def get_remaining_time_in_millis(self) -> int:
        return 100_000


CONTEXT = Context()


@dataclass
class Cloud:
    """Clients of the imitated services, and where things are in them."""

    urls: dict[str, str] = field(default_factory=dict)
    topic_arn: str = ""
    dead_letters_url: str = ""

    def received(self, queue: str) -> list[dict[str, Any]]:
        """Everything that waits on a queue, read and taken off it."""
        return self._received(self.urls[queue])

    def events(self) -> list[dict[str, Any]]:
        """What was published on the topic."""
        return [json.loads(body["Message"]) for body in self._received(self.urls["events"])]

    def dead_letters(self) -> list[dict[str, Any]]:
        return self._received(self.dead_letters_url)

    def _received(self, url: str) -> list[dict[str, Any]]:
        sqs = boto3.client("sqs")
        bodies: list[dict[str, Any]] = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


def forget_clients() -> None:
    """As a new process would begin: nothing built, nothing read."""
    for module in (access, chat, events, parts, privacy, pushing, realtime, syncing, webhooks):
        for made in vars(module).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()
    aws.client.cache_clear()


_load_file = JSONFileLoader.load_file
_read: dict[str, Any] = {}


def _read_once(loader: JSONFileLoader, path: str) -> Any:
    """botocore's descriptions of AWS: parsed once a process, and not for each session anew."""
    if path not in _read:
        _read[path] = _load_file(loader, path)
    return _read[path]


@contextmanager
def cloud(
    channel: str = "whatsapp", provider_url: str = "http://provider.invalid"
) -> Iterator[Cloud]:
    """The stack, imitated; `channel` is whose connector the process is."""
    read_once = patch.object(JSONFileLoader, "load_file", _read_once)
    with read_once, patch.dict("os.environ", ENVIRONMENT), moto_runs_our_partiql(), mock_aws():
        made = Cloud()
        create_table(boto3.client("dynamodb"), TABLE)
        _register(SERVICE)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        for name in QUEUES:
            made.urls[name] = sqs.create_queue(
                QueueName=f"chat4all-local-{name}.fifo", Attributes={"FifoQueue": "true"}
            )["QueueUrl"]
        for name in EVENT_QUEUES:
            url = sqs.create_queue(QueueName=f"chat4all-local-{name}")["QueueUrl"]
            made.urls[name] = url
        made.dead_letters_url = sqs.create_queue(QueueName="chat4all-local-dead-relay")["QueueUrl"]
        made.urls["events"] = sqs.create_queue(QueueName="events-seen")["QueueUrl"]
        made.topic_arn = sns.create_topic(Name="chat4all-local-events")["TopicArn"]
        arn = "arn:aws:sqs:us-east-1:123456789012:events-seen"
        sns.subscribe(TopicArn=made.topic_arn, Protocol="sqs", Endpoint=arn)
        key = boto3.client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        for name in ("whatsapp", "instagram"):
            _configure(name, provider_url)
        forget_clients()
        more = {
            "INBOUND_QUEUE_URL": made.urls["inbound"],
            "CALLBACKS_QUEUE_URL": made.urls["callbacks"],
            "UPLOADS_QUEUE_URL": made.urls["uploads"],
            "MEDIA_QUEUE_URL": made.urls["media"],
            "WEBHOOKS_QUEUE_URL": made.urls["webhooks"],
            "WEBHOOKS_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:chat4all-local-webhooks",
            "ATTEMPTS_QUEUE_URL": made.urls["attempts"],
            "REALTIME_QUEUE_URL": made.urls["realtime"],
            "ERASURES_QUEUE_URL": made.urls["erasures"],
            "SCHEDULE_GROUP": "chat4all-local-webhooks",
            "SCHEDULER_ROLE_ARN": "arn:aws:iam::123456789012:role/chat4all-local-scheduler",
            "SOCKETS_URL": SOCKETS_URL,
            "CHANNEL_QUEUE_URL": made.urls[f"channel-{channel}"],
            "EVENTS_TOPIC_ARN": made.topic_arn,
            "RELAY_DEAD_LETTER_QUEUE_URL": made.dead_letters_url,
            "TOKEN_KEY_IDS": key["KeyMetadata"]["KeyId"],
            "CHANNEL": channel,
        }
        with patch.dict("os.environ", more):
            yield made
        forget_clients()


def _register(client: Client) -> None:
    """Whose token a service's request has; its secret is nobody's."""
    DynamoClientStore(Table(boto3.client("dynamodb"), TABLE)).add(client)


def _configure(channel: str, provider_url: str) -> None:
    settings = {
        "base_url": provider_url,
        "account": "10550001111",
        "access_token": "local-access-token",
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
    }
    boto3.client("ssm").put_parameter(
        Name=f"/chat4all/local/channels/{channel}",
        Value=json.dumps(settings),
        Type="SecureString",
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def request(
    handler: Callable[..., dict[str, Any]],
    method: str,
    path: str,
    body: Any = None,
    *,
    user: str | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    expires_at: float | None = None,
    base64_encoded: bool = False,
    public: bool = False,
    scopes: Sequence[str] | None = None,
    requests_per_minute: int | None = None,
) -> Answer:
    """Call the API's handler as API Gateway does: for a service, for one user, or, on a public
    route, for anybody: no authorizer has been asked then."""
    query_string = "&".join(f"{name}={value}" for name, value in (query or {}).items())
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": query_string,
        "headers": {"content-type": "application/json", **(headers or {})},
        "queryStringParameters": dict(query or {}),
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "requestId": "r-1",
            "stage": "$default",
            "authorizer": {
                "lambda": {
                    "subject": user or SERVICE.client_id,
                    "kind": "user" if user else "service",
                    "scopes": " ".join(USER_SCOPES if user else SCOPES)
                    if scopes is None
                    else " ".join(scopes),
                    "requests_per_minute": str(requests_per_minute or ""),
                    "expires_at": str(int(expires_at or time.time() + 900)),
                }
            },
        },
        "isBase64Encoded": base64_encoded,
    }
    if public:
        del event["requestContext"]["authorizer"]
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    answer = handler(event, CONTEXT)
    shown = {name.lower(): str(value) for name, value in answer.get("headers", {}).items()}
    many = answer.get("multiValueHeaders") or {}
    shown |= {name.lower(): ", ".join(map(str, values)) for name, values in many.items()}
    return Answer(answer["statusCode"], shown, answer.get("body") or "")


def records_of(bodies: Sequence[Any]) -> list[dict[str, Any]]:
    """What was received from a queue, as a function gets it."""
    return [
        {
            "messageId": str(number),
            "body": json.dumps(body),
            "receiptHandle": f"handle-{number}",
            "attributes": {"MessageGroupId": f"g{number}", "ApproximateReceiveCount": "1"},
        }
        for number, body in enumerate(bodies)
    ]


def assert_problem(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Problem details (RFC 9457) with this status and this code; what else is in them."""
    problem: dict[str, Any] = answer.json
    assert (answer.status, problem["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:chat4all:problem:{code}"
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    return problem
