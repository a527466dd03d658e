"""The API, called: JSON in, JSON out, our errors raised."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx2

from homarus.client.credential import Credential
from homarus.client.faults import fault_of
from homarus.errors import HomarusError, Unavailable

Document = dict[str, Any]
Query = str | int | list[str]
"""A value in a query; a list is the same name once per item."""


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event; hand ``id`` back to go on after it."""

    id: str
    kind: str
    data: Document


class Api:
    """One Homarus. Use as a context manager; not shared between threads.

    Every method raises the error that the server answered with, and `Unavailable` when it
    does not answer. POST carries a fresh idempotency key, and is sent once more if the
    connection broke before an answer came.
    """

    def __init__(
        self, credential: Credential, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        headers = {"user-agent": "homarus-cli"}
        if credential.token:
            headers["authorization"] = f"Bearer {credential.token}"
        self.url = credential.url
        self._http = httpx2.Client(
            base_url=credential.url,
            headers=headers,
            timeout=httpx2.Timeout(60, connect=5),
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Query) -> Document:
        """Read one thing, or one page of a list."""
        return self._document("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Document:
        """Make something, or ask for something to be done; once per ``key``."""
        headers = {"idempotency-key": key or secrets.token_hex(16)}
        return self._document("POST", path, body=body, headers=headers, attempts=2)

    def put(self, path: str, body: Any = None) -> Document:
        """Set something."""
        return self._document("PUT", path, body=body)

    def patch(self, path: str, body: Any) -> Document:
        """Change something."""
        return self._document("PATCH", path, body=body)

    def delete(self, path: str, **query: Query) -> Document:
        """Remove something."""
        return self._document("DELETE", path, query=query)

    def pages(self, path: str, *, most: int = 10_000, **query: Query) -> Iterator[Document]:
        """Yield the items of a list, page after page, at most ``most`` of them."""
        cursor: str | None = ""
        while cursor is not None and most > 0:
            page = self.get(path, **query, cursor=cursor, limit=min(most, 200))
            yield from page["items"][:most]
            most -= len(page["items"])
            cursor = page["next_cursor"]

    def lines(self, path: str, **query: Query) -> Iterator[str]:
        """Yield the lines of an answer as they come, however long it takes."""
        with self._streaming(path, query, {}) as answer:
            yield from answer.iter_lines()

    def events(self, path: str = "/v1/events", *, after: str = "") -> Iterator[Event]:
        """Yield server-sent events until the server ends the stream; ``after`` resumes."""
        headers = {"last-event-id": after} if after else {}
        with self._streaming(path, {}, headers) as answer:
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                elif not line and "data" in fields:
                    data = json.loads(fields["data"])
                    yield Event(fields.get("id", ""), fields.get("event", "message"), data)
                    fields = {}

    def session_cookie(self, path: str, body: Any) -> None:
        """Log in; the cookie stays with this client, which then speaks as a browser would."""
        self._document("POST", path, body=body)
        self._http.headers["origin"] = self.url

    def _document(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Query] | None = None,
        headers: Mapping[str, str] | None = None,
        attempts: int = 1,
    ) -> Document:
        with _translated(self.url):
            request = self._http.build_request(
                method, path, json=body, params=_given(query), headers=dict(headers or {})
            )
            answer = self._send(request, attempts)
        _expect_ok(answer)
        if not answer.content:
            return {}
        found: Document = answer.json()
        return found

    def _send(self, request: httpx2.Request, attempts: int) -> httpx2.Response:
        for _ in range(attempts - 1):
            try:
                return self._http.send(request)
            except (httpx2.ReadError, httpx2.RemoteProtocolError):
                continue  # the answer was lost; the idempotency key makes asking again safe
        return self._http.send(request)

    @contextmanager
    def _streaming(
        self, path: str, query: Mapping[str, Query], headers: Mapping[str, str]
    ) -> Iterator[httpx2.Response]:
        patient = httpx2.Timeout(None, connect=5)
        with (
            _translated(self.url),
            self._http.stream(
                "GET", path, params=_given(query), headers=dict(headers), timeout=patient
            ) as answer,
        ):
            if answer.status_code >= 400:
                answer.read()
            _expect_ok(answer)
            yield answer


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except httpx2.ConnectError as fault:
        raise Unavailable(
            f"Homarus does not answer at {url}.", hint="Start it: homarus up"
        ) from fault
    except httpx2.HTTPError as fault:
        raise Unavailable(f"The connection to {url} broke: {fault}.") from fault


def _given(query: Mapping[str, Query] | None) -> dict[str, Query]:
    return {name: value for name, value in (query or {}).items() if value != ""}


def _expect_ok(answer: httpx2.Response) -> None:
    if answer.status_code < 400:
        return
    problem: Any = {}
    if "json" in answer.headers.get("content-type", ""):
        problem = answer.json()
    after = answer.headers.get("retry-after", "0")
    fault: HomarusError = fault_of(
        problem if isinstance(problem, dict) else {},
        status=answer.status_code,
        retry_after=float(after) if after.isdecimal() else 0,
    )
    raise fault
