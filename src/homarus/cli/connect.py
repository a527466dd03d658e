"""Opening the API with the credential of this user."""

from __future__ import annotations

import os

from homarus.client.api import Api
from homarus.client.credential import load_credential


def connect() -> Api:
    """Return the API of the Homarus that this user works with.

    Raises:
        Unauthenticated: there is no token in file or environment.
    """
    return Api(load_credential(os.environ))
