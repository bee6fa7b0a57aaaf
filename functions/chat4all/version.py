"""The version of the product, as CHANGELOG.md has it."""

VERSION = "0.1.0"
