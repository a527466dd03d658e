"""People: who they are, how they log in, what they were granted."""
