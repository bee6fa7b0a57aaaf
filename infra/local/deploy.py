"""Redeploy template and code into the running local stack."""

import argparse
import sys
import time

from infra.local import running, stack
from infra.local.home import Home, StackError


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE", help="of the template; else its defaults"
    )
    given = parser.parse_args().parameters
    if not all("=" in one for one in given):
        parser.error("parameters are NAME=VALUE")
    home, began = Home.from_environment(), time.monotonic()
    try:
        with home.locked():
            addresses = running.require(home)
            stack.deploy(
                addresses.aws_endpoint_url,
                addresses.stage,
                parameters=dict(one.split("=", 1) for one in given),
                with_dependencies=addresses.emulator == "localstack",
                outside=addresses.tls_endpoint_url,
            )
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Deployed in {time.monotonic() - began:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
