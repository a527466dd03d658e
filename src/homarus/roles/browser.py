"""Opening a page in this user's browser, without ever waiting for it or failing by it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from threading import Thread

from homarus.roles.children import inherited

_PROGRAM = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.stdin.read()))"


def open_page(url: str, failed: Callable[[], None]) -> None:
    """Ask the browser (``BROWSER``, or this desktop's) for ``url``, and return at once.

    It is a process of its own: some browsers stay in the foreground until they are closed,
    and none of them is to have our settings or our terminal. ``failed`` is called, from
    another thread, if no browser took the page; one that still shows it at our end stays.
    """
    try:
        asking = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            env=inherited(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        failed()
        return

    def see_it_through() -> None:
        asking.communicate(url.encode())
        if asking.returncode != 0:
            failed()

    Thread(target=see_it_through, daemon=True).start()
