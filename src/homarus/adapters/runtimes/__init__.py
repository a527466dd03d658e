"""What a bot can run."""
