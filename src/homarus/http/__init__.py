"""Assembles routers into the application. No business rules."""
