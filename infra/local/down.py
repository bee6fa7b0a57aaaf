"""Stop the local stack of this home. What it stored stays, unless `up --fresh` comes next."""

import argparse
import sys
import time

from infra.local import running
from infra.local.home import Home


def main() -> int:
    argparse.ArgumentParser(prog="scripts/down", description=__doc__).parse_args()
    home, began = Home.from_environment(), time.monotonic()
    with home.locked():
        ran = running.stop(home)
    print(f"Stopped ({time.monotonic() - began:.1f} s)." if ran else "Nothing ran.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
