"""Load: `./scripts/load` sends for a while, counts what became of each message, and reports."""
