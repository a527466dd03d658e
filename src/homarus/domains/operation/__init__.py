"""Changes under way, as resources."""
