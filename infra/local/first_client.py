"""Register the first API client of a stack on AWS, with your credentials."""

import argparse
import os
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.local import aws
from infra.local.home import StackError
from infra.local.register import register


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/first-client", description=__doc__)
    parser.add_argument("stage", help="of the stack, such as dev")
    parser.add_argument("--name", default="admin", help="of the client (admin)")
    parser.add_argument("--again", action="store_true", help="even if there is an admin client")
    options = parser.parse_args()
    try:
        aws.is_meant(options.stage)
        session = boto3.Session()
        environment = {**os.environ, "AWS_REGION": session.region_name or ""}
        made = register(
            session.client("lambda"), environment, options.stage, options.name, again=options.again
        )
    except (StackError, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    if made is None:
        print(
            "There is an admin client: it registers others by POST /v1/clients. "
            "If its secret is lost, say --again, and revoke the old one then.",
            file=sys.stderr,
        )
        return 1
    print(f"CLIENT_ID={made[0]}\nCLIENT_SECRET={made[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
