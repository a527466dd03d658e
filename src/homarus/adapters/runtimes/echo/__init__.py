"""The built-in runtime: answers with what it was told. For demos, tests and proofs."""
