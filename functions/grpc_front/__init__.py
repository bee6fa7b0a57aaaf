"""The public gRPC API: the same operations as http_api, by another door. It runs as a process."""
