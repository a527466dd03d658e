"""``python -m homarus``: the same as the command ``homarus``."""

from homarus.roles.main import run

if __name__ == "__main__":
    run()
