"""Placements' identities and sessions: who may speak for a bot, and what it last said.

The placement itself (phase, handle, trouble) is the reconciler's row in the machine store;
here is what a supervisor proves itself with, and the live conversation with it.
"""
