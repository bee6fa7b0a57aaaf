"""Redeploy template and code into the running local stack. Parameters stay as they are."""

import argparse
import sys
import time
from collections.abc import Mapping

from infra.local import running, stack
from infra.local.home import Home, StackError


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE", help="of the template, to change"
    )
    given = parser.parse_args().parameters
    if not all("=" in one for one in given):
        parser.error("parameters are NAME=VALUE")
    home, began = Home.from_environment(), time.monotonic()
    try:
        with home.locked():
            others = deploy(running.require(home), dict(one.split("=", 1) for one in given))
            running.restart_grpc(home)  # it is no function: it keeps the code it has begun with
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    named = ", ".join(f"{name}={value}" for name, value in others.items())
    print(f"Deployed in {time.monotonic() - began:.1f} s{', with ' + named if named else ''}.")
    return 0


def deploy(addresses: running.Addresses, given: Mapping[str, str]) -> dict[str, str]:
    """Deploy with `given`, and else with what the stack has; answer the parameters that are not as
    `up` makes them.

    Raises:
        StackError: a name that the template does not have, or CloudFormation refused or failed.
    """
    where = (addresses.aws_endpoint_url, addresses.stage)
    defaults = stack.defaults()
    check(given, defaults, addresses.stage)
    usual = defaults | stack.of_its_own(addresses.emulator, *where, addresses.tls_endpoint_url)
    # where it has a default `samlocal` may have left out what emulators need
    kept = {n: v for n, v in stack.parameters(*where).items() if v != defaults.get(n, v)}
    values = kept | dict(given)
    stack.deploy(
        *where,
        parameters=values,
        with_dependencies=addresses.emulator == "localstack",
        outside=addresses.tls_endpoint_url,
    )
    return {name: value for name, value in values.items() if value != usual[name]}


def check(given: Mapping[str, str], known: Mapping[str, str], stage: str) -> None:
    """Raises StackError: a name that is not the template's, or another stage."""
    if strangers := sorted(set(given) - set(known)):
        raise StackError(
            f"template.yaml has no parameter {', '.join(strangers)}. It has: {', '.join(known)}."
        )
    if given.get("Stage", stage) != stage:
        raise StackError(
            f"This stack's stage is {stage}. For another one: ./scripts/down, CHAT4ALL_STAGE=… "
            "and ./scripts/up."
        )


if __name__ == "__main__":
    sys.exit(main())
