"""The .proto files: the Python that is made of them."""
