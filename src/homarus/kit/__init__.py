"""Domain-free tools, one topic per file. May import `homarus.errors` alone."""
