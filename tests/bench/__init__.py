"""The benchmark: `./scripts/bench`. It prints figures and ratios; nothing here passes or fails."""
