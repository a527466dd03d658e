"""The Python client: the public API with our errors; what the command line is made of."""
