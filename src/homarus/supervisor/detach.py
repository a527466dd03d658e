"""Start a program that is nobody's child. A script: standard library only, run with ``-I -S``.

Arguments: the output file, then the program and its arguments. Standard input and the
inherited descriptors go on to the program; this returns once it runs on its own. A variable
named with the prefix ``LATER`` reaches the program without it, and this script not at all:
a program that ends everything bearing its mark must not find us still leaving.
"""

from __future__ import annotations

import os
import sys

LATER = "HOMARUS_LATER_"


def main() -> None:
    """Fork twice, with a session of its own in between, so that nothing can hang it up."""
    output = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if os.fork() > 0:
        os.wait()
        return
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    os.chdir("/")
    os.dup2(output, 1)
    os.dup2(output, 2)
    env = {name.removeprefix(LATER): value for name, value in os.environ.items()}
    os.execve(sys.argv[2], sys.argv[2:], env)  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main()
