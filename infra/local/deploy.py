"""Redeploy template and code into the running local stack."""

import sys
import time

from infra.local import running, stack
from infra.local.home import Home, StackError


def main() -> int:
    home, began = Home.from_environment(), time.monotonic()
    try:
        with home.locked():
            addresses = running.require(home)
            stack.deploy(
                addresses.aws_endpoint_url,
                addresses.stage,
                with_dependencies=addresses.emulator == "localstack",
            )
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Deployed in {time.monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
