"""Turns (a message to a bot and its answer) and the other commands to its supervisor, as rows."""
