"""Hold a queue's consumer back for a while: its messages wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local import aws
from infra.local.running import Addresses


@contextmanager
def paused(addresses: Addresses, function: str) -> Iterator[None]:
    """Disable the event source mappings of a function (`route-message`) for a block."""
    client = aws.client(addresses.aws_endpoint_url, "lambda")
    name = f"chat4all-{addresses.stage}-{function}"
    mappings = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        for mapping in mappings:
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
