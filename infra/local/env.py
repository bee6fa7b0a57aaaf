"""Print the running stack's addresses as shell exports: eval "$(./scripts/env)"."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from infra.local import aws, running
from infra.local.home import Home, StackError

GRPC_ROOTS = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"
GRPC_TLS = "GRPC_TLS"
FILES = ("CHAT4ALL_CA_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "SSL_CERT_FILE", GRPC_ROOTS)
OF_TLS = (*FILES, GRPC_TLS)


def main() -> int:
    argparse.ArgumentParser(prog="scripts/env", description=__doc__).parse_args()
    home = Home.from_environment()
    try:
        addresses = running.require(home)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    exports = {
        "API": addresses.api_url,
        "SOCKETS": addresses.sockets_url,
        "GRPC": addresses.grpc_address,
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
    if addresses.ca_file:
        ca = Path(addresses.ca_file)
        bundle = str(ca.with_name("bundle.pem"))
        exports |= {
            "CHAT4ALL_CA_FILE": addresses.ca_file,  # infra/client
            "NODE_EXTRA_CA_CERTS": addresses.ca_file,
            "CURL_CA_BUNDLE": bundle,  # these two replace what the machine trusts
            "SSL_CERT_FILE": bundle,
            GRPC_ROOTS: bundle,
            GRPC_TLS: "1",
        }
    if addresses.metrics_url:
        exports["METRICS"] = addresses.metrics_url
    left = [name for name in OF_TLS if name not in exports and _is_ours(name, home)]
    if left:
        print(f"unset {' '.join(left)}")
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _is_ours(variable: str, home: Home) -> bool:
    """Whether it is what we said while the stack of this home ran with --tls."""
    if variable == GRPC_TLS:
        return os.environ.get(variable) == "1"
    return Path(os.environ.get(variable, "")).parent == home.path / "tls"


if __name__ == "__main__":
    sys.exit(main())
