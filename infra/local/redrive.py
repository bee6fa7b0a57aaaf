"""Move a queue's dead letters back to where they came from."""

import argparse
import sys
import uuid
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.local import aws, running
from infra.local.home import Home, StackError

QUEUES = "inbound, callbacks, uploads, media, webhooks, attempts, realtime, erasures, or a channel"
HIDDEN_FOR = 60  # seconds in which one batch is surely sent again


def redrive(sqs: Any, dead_url: str, source_url: str) -> int:
    """Move every visible message, in order within its group; answer how many.

    A message is deleted from the dead-letter queue after its send succeeded, so a crash leaves
    it in both queues and never in none. Each gets a new deduplication id: within five minutes
    SQS would take its old one for a repeat and swallow it.
    """
    moved = 0
    while messages := _receive(sqs, dead_url):
        for message in messages:
            place = {}
            if source_url.endswith(".fifo"):
                place["MessageGroupId"] = message["Attributes"]["MessageGroupId"]
                place["MessageDeduplicationId"] = str(uuid.uuid4())
            sqs.send_message(
                QueueUrl=source_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
                **place,
            )
            sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=HIDDEN_FOR,
        WaitTimeSeconds=1,
        MessageSystemAttributeNames=["MessageGroupId"],
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", []))


def _urls(sqs: Any, stage: str, name: str) -> tuple[str, str]:
    """The dead-letter queue and the source of a queue or channel.

    Raises:
        StackError: there is no such queue.
    """
    for queue in (f"{name}.fifo", f"channel-{name}.fifo", name):
        try:
            source = sqs.get_queue_url(QueueName=f"chat4all-{stage}-{queue}")
            dead = sqs.get_queue_url(QueueName=f"chat4all-{stage}-dead-{queue}")
        except ClientError:
            continue
        return str(dead["QueueUrl"]), str(source["QueueUrl"])
    raise StackError(f"There is no queue {name!r}: say {QUEUES}.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/redrive", description=__doc__)
    parser.add_argument("queue", help=QUEUES)
    parser.add_argument(
        "--aws", metavar="STAGE", help="of the stack of this stage on AWS, with your credentials"
    )
    options = parser.parse_args()
    try:
        if options.aws:
            aws.is_meant(options.aws)
            sqs, stage = boto3.client("sqs"), options.aws
        else:
            addresses = running.require(Home.from_environment())
            sqs, stage = aws.client(addresses.aws_endpoint_url, "sqs"), addresses.stage
        dead, source = _urls(sqs, stage, options.queue)
        moved = redrive(sqs, dead, source)
    except (StackError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{moved} messages moved back to {options.queue}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
