"""The process beside a bot: fetches the revision, runs and watches the runtime, relays turns.

Knows the protocol and `RuntimeHost`, never a spec. `main` is the way in; `ownership`,
`sweep` and `isolation` are also used by the local target, which shares the folders.
"""
