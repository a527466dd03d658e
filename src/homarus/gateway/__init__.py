"""The AI gateway: authenticates, budgets, routes, sends, prices and records model calls.

It knows the gateway protocol and nothing above it: no SQL, no web framework. It keeps
serving while the control plane is away.
"""
