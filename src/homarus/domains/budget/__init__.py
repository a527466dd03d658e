"""Limits on spending: windows of a budget, and the slices of them that workers hold."""
