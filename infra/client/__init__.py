"""A client of the public API for files: no AWS credentials, nothing of the server's code."""
