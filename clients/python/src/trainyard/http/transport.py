"""Requests to the service: with the key, repeated if they fail for a reason that passes, and every refusal as an ApiError."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, TypeVar
from urllib.parse import urlsplit

import httpx

from ..errors import ConnectionError, NotFoundError, TimeoutError, TrainyardError, error_of
from ..options import Options
from ..record import Record
from .json_body import to_json
from .query import pairs_of
from .retry import repeat

Value = TypeVar("Value")

# The slowest line on which bodies of any size arrive in time, in bytes a second.
_SLOWEST_BYTES = 32_000


@dataclass(frozen=True)
class Request:
    """
    What is asked. ``content`` is sent as it is, with a ``content-type`` in ``headers``. ``max_silence`` is how many seconds the
    service may be silent, if not ``timeout``.
    """

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    max_silence: float | None = None


class Transport:
    """Sends requests to one service over connections that it keeps."""

    def __init__(self, options: Options, base: httpx.BaseTransport | None = None) -> None:
        self.options = options
        key = {"authorization": f"Bearer {options.api_key}"} if options.api_key else {}
        # A proxy of the environment does not lead to this machine.
        is_here = urlsplit(options.url).hostname in ("127.0.0.1", "::1", "localhost")
        self._http = httpx.Client(headers=key, transport=base, trust_env=not is_here)

    def close(self) -> None:
        self._http.close()

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        max_silence: float | None = None,
    ) -> Any:
        """The JSON of an answer, None if it has none; ``body`` goes as JSON. Raises ApiError or ConnectionError."""
        content = None if body is None else to_json(body)
        kind = {} if body is None else {"content-type": "application/json"}
        request = Request(method, path, query, {**kind, **(headers or {})}, content, max_silence)
        return self.call(request, lambda answer: parse(answer.read()), idempotency_key)

    def call(self, request: Request, read: Callable[[httpx.Response], Value], idempotency_key: str | None = None) -> Value:
        """Sends a request until it succeeds or cannot, and hands its answer to ``read``, whose failures count as the request's."""
        # Made once, so that every attempt is the same request under the same key.
        key = {"idempotency-key": idempotency_key or uuid.uuid4().hex} if request.method == "POST" else {}

        def once(attempt: int) -> Any:
            try:
                with self._told(), closing(self._begin(request, key)) as answer:
                    return read(answer)
            except NotFoundError:
                # The first attempt did it, and its answer was lost.
                if attempt > 0 and request.method == "DELETE":
                    return None
                raise

        result: Value = repeat(once, self.options.max_retries)
        return result

    @contextmanager
    def open(self, request: Request) -> Iterator[httpx.Response]:
        """An answer whose body is read by the caller; only the beginning is repeated if it fails."""
        with self._told(), closing(repeat(lambda _: self._begin(request, {}), self.options.max_retries)) as answer:
            yield answer

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of the line, in the words of this package."""
        try:
            yield
        except httpx.LocalProtocolError as error:
            # What was asked cannot be sent, now or later.
            raise ValueError(str(error)) from error
        except httpx.TimeoutException as error:
            raise TimeoutError(f"Nothing came from {self.options.url} in time ({type(error).__name__})") from error
        except httpx.RequestError as error:
            raise ConnectionError(f"{self.options.url} cannot be reached: {error or type(error).__name__}") from error

    def _begin(self, request: Request, key: Mapping[str, str]) -> httpx.Response:
        silence = request.max_silence or self.options.timeout
        sending = len(request.content or b"") / _SLOWEST_BYTES
        built = self._http.build_request(
            request.method,
            f"{self.options.url}{request.path}",
            params=pairs_of(request.query),
            headers={**key, **request.headers},
            content=request.content,
            timeout=httpx.Timeout(silence, read=silence + sending),
        )
        with self._told():
            answer = self._http.send(built, stream=True)
            if answer.is_success:
                return answer
            with closing(answer):
                text = answer.read().decode(errors="replace")
        raise error_of(answer.status_code, answer.reason_phrase, answer.headers, text)


def parse(content: bytes) -> Any:
    try:
        return json.loads(content, object_hook=Record) if content else None
    except ValueError as error:
        raise TrainyardError("The answer is no JSON: does the url lead to a Trainyard service?") from error
