"""The demo model: a deterministic model server for a first look and for tests.

Reached as an ordinary provider on its own loopback port, and labelled a demo wherever it shows.
"""
