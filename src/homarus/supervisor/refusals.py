"""Why the AI gateway refused a turn's calls: runtimes often keep its words from people."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
from urllib.parse import urlsplit

log = logging.getLogger(__name__)
_PATIENCE_S = 3.0
_LARGEST = 16 << 10


async def refusal(gateway_url: str, traceparent: str) -> str:
    """Ask the gateway what it said last to calls of this trace.

    Returns:
        Its words; empty if it refused nothing, has forgotten, or does not answer.
    """
    parts = traceparent.split("-")
    if not gateway_url or len(parts) != 4:
        return ""
    return await asyncio.to_thread(_ask, gateway_url, parts[1])


def _ask(gateway_url: str, trace: str) -> str:
    address = urlsplit(gateway_url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    line = kind(address.netloc, timeout=_PATIENCE_S)
    try:
        line.request("GET", f"/v1/refusals/{trace}")
        answer = line.getresponse()
        raw = answer.read(_LARGEST)
        return str(json.loads(raw)["message"]) if answer.status == 200 else ""
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as fault:
        log.info("the AI gateway does not say why: %s", type(fault).__name__)
        return ""
    finally:
        line.close()
