"""Print the running stack's addresses as shell exports: eval "$(./scripts/env)"."""

import shlex
import sys

from infra.local import aws, running
from infra.local.home import Home, StackError


def main() -> int:
    try:
        addresses = running.require(Home.from_environment())
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    exports = {
        "API": addresses.api_url,
        "SOCKETS": addresses.sockets_url,
        "SANDBOX": addresses.sandbox_url,
        "CLIENT_ID": addresses.client_id,
        "CLIENT_SECRET": addresses.client_secret,
        "TABLE_NAME": addresses.table_name,
        "AWS_ENDPOINT_URL": addresses.aws_endpoint_url,
        "AWS_REGION": addresses.region,
        "AWS_DEFAULT_REGION": addresses.region,
        "AWS_ACCESS_KEY_ID": aws.KEY,
        "AWS_SECRET_ACCESS_KEY": aws.KEY,
    }
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
