"""HTTP/1.1 in and out on asyncio protocols and httptools: bytes, caps, timeouts, framing."""
