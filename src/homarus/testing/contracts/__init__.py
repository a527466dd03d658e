"""One suite per port, run over every implementation and every shipped fake."""
