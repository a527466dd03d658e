"""Runtime ``openclaw``, pinned: its lock file and its configuration schema lie beside this."""
