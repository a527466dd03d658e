"""The nouns: one package each, always the same file names; see `homarus.web`."""
