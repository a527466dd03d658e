"""Homarus: one control plane for fleets of autonomous agents."""

__version__ = "0.1.0"
