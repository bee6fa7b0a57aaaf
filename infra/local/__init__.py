"""The local stack: an AWS emulator, this repo's template on it, and the provider sandbox."""
