"""Bots: what people want, the revisions that came of it, and the state they are shown in."""
