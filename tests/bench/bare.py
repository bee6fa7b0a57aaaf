"""The yardstick: a bare Lambda behind the same API and authorizer, which makes the same three AWS
calls as a send and does nothing else. It is what a send cannot be faster than here."""

from __future__ import annotations

import io
import zipfile

from infra.local import aws
from infra.local.running import Addresses

NAME = "bench-bare"
CODE = """
import json, os, time, uuid
import boto3
from botocore.config import Config

table = boto3.client("dynamodb", config=Config(parameter_validation=False))
queue = boto3.client("sqs", config=Config(parameter_validation=False))

def handler(event, context):
    body = json.loads(event["body"])
    conversation = body["conversation_id"]
    table.get_item(
        TableName=os.environ["TABLE_NAME"],
        Key={"pk": {"S": "CONV#" + conversation}, "sk": {"S": "META"}},
    )
    message = str(uuid.uuid4())
    table.put_item(
        TableName=os.environ["TABLE_NAME"],
        Item={
            "pk": {"S": "BARE#" + message}, "sk": {"S": "BARE"},
            "conversation_id": {"S": conversation}, "sender": {"S": body["from"]},
            "payload": {"S": json.dumps(body["payload"])}, "fingerprint": {"S": "0" * 64},
            "accepted_at": {"N": str(int(time.time() * 1000))},
        },
        ConditionExpression="attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    queue.send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=json.dumps({"message_id": message, "conversation_id": conversation}),
        MessageGroupId=conversation, MessageDeduplicationId=message,
    )
    print(message)
    return {"statusCode": 202, "body": json.dumps({"message_id": message})}
"""


def deploy(addresses: Addresses, api_id: str) -> str:
    """Put it beside the stack, with the API function's role and queue; its URL."""
    endpoint = addresses.aws_endpoint_url
    functions, api = aws.client(endpoint, "lambda"), aws.client(endpoint, "apigatewayv2")
    name = f"chat4all-{addresses.stage}-http-api"
    ours = functions.get_function_configuration(FunctionName=name)
    variables = ours["Environment"]["Variables"]
    arn = functions.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="bare.handler",
        Role=ours["Role"],
        Code={"ZipFile": _zipped()},
        MemorySize=512,
        Timeout=10,
        Environment={
            "Variables": {
                "TABLE_NAME": addresses.table_name,
                "QUEUE_URL": variables["INBOUND_QUEUE_URL"],
            },
        },
    )["FunctionArn"]
    functions.add_permission(
        FunctionName=NAME,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    integration = api.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=arn,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    authorizer = api.get_authorizers(ApiId=api_id)["Items"][0]["AuthorizerId"]
    api.create_route(
        ApiId=api_id,
        RouteKey="POST /bare",
        Target=f"integrations/{integration}",
        AuthorizationType="CUSTOM",
        AuthorizerId=authorizer,
    )
    return f"{addresses.api_url}/bare"


def _zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("bare.py", CODE)
    return content.getvalue()
