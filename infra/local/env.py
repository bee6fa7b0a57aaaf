"""Print the running stack's addresses as shell exports: eval "$(./scripts/env)"."""

import shlex
import sys
from pathlib import Path

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
    if addresses.ca_file:
        ca = Path(addresses.ca_file)
        bundle = str(ca.with_name("bundle.pem"))
        exports |= {
            "CHAT4ALL_CA_FILE": addresses.ca_file,  # infra/client
            "NODE_EXTRA_CA_CERTS": addresses.ca_file,
            "CURL_CA_BUNDLE": bundle,  # these two replace what the machine trusts
            "SSL_CERT_FILE": bundle,
        }
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
