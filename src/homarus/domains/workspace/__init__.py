"""The tenant: owns everything; nothing crosses it."""
