"""Where a bot can run."""
