"""One package per implementation of a port; loaded by name through `catalog`."""
