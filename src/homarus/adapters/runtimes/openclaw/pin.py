"""What is pinned. Raising it means a new lock, a new schema and a run of the live tests."""

VERSION = "2026.9.6"
PROVIDER = "homarus"
"""Name of our provider inside the bot's configuration, for models and for secrets."""
CONFIG_FILE = "openclaw.json"
RESOLVER = "bin/secrets"
"""The little program that asks the supervisor for secrets, in the configuration folder."""
CONFIG_EXIT = 78
AGENT = "main"
SESSION = f"agent:{AGENT}:main"
