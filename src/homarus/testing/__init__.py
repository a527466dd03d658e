"""Public doubles: fakes, contract suites, virtual time, the simulator; for tests and demos."""
