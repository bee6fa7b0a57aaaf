"""Where the world begins: one module per service, and fakes in `memory`. boto3 lives only here."""
