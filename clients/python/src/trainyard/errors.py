"""What can go wrong, each kind as a class of its own; all of them are TrainyardErrors."""

from __future__ import annotations

import builtins
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any


class TrainyardError(Exception):
    """Anything that this package itself raises."""


class ConnectionError(TrainyardError, builtins.ConnectionError):
    """Nobody answered, or the line broke, also when asked again. Python's own ConnectionError too."""


class TimeoutError(ConnectionError, builtins.TimeoutError):
    """Somebody is there, and said nothing for so long; or what was waited for did not come in time."""


@dataclass(frozen=True)
class ValidationErrorEntry:
    """One thing that is wrong with a request. ``path`` is a JSON Pointer into it; ``line`` and ``column`` are places in a file."""

    path: str
    code: str
    message: str
    line: int | None = None
    column: Any = None
    value: Any = None


class ApiError(TrainyardError):
    """
    An answer other than the wanted one.

    ``status`` is its HTTP status and ``code`` is stable; docs/errors.md of the service lists all of them. ``errors`` has all that is
    wrong with the request. ``request_id`` is what to quote when asking for help, and ``retry_after`` says in how many seconds the
    service wants to be asked again, if it does.
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        code: str = "UNKNOWN",
        errors: tuple[ValidationErrorEntry, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        places = [f"  {one.path}: {one.message}" for one in errors if one.message != detail]
        super().__init__("\n".join([detail, *places]))
        self.status = status
        self.code = code
        self.errors = errors
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequestError(ApiError):
    """400: the request cannot be parsed."""


class AuthenticationError(ApiError):
    """401: the service has keys, and none that it knows came."""


class PermissionError(ApiError, builtins.PermissionError):
    """403: this key or host may not do that."""


class NotFoundError(ApiError):
    """404: there is no such thing, or it is another tenant's."""


class ConflictError(ApiError):
    """409: it is not in a state that allows this."""


class PreconditionFailedError(ApiError):
    """412: it is not the version that was expected, or was made meanwhile."""


class TooLargeError(ApiError):
    """413: the body, or all that the tenant stores, would be too large."""


class ValidationError(ApiError):
    """422: what was sent is well-formed but wrong; ``errors`` says where."""


class RateLimitError(ApiError):
    """429: too much at once; ``retry_after`` says in how many seconds it may be sent again."""


class ServerError(ApiError):
    """5xx: the service cannot answer now, or failed."""


class SignatureError(TrainyardError):
    """What a receiver of webhooks was sent does not come from the service, or is too old."""


class UnsuccessfulError(TrainyardError):
    """
    A job or an import that was waited for ended otherwise than by success. ``code`` is that of its error, or ``CANCELLED``; ``ended``
    is the job or the import as it ended, and what it had finished stays readable.
    """

    def __init__(self, code: str, message: str, ended: Any) -> None:
        super().__init__(message)
        self.code = code
        self.ended = ended


def error_of(status: int, reason: str, headers: Mapping[str, str], text: str) -> ApiError:
    """The error that an answer tells of. Proxies on the way may answer without a problem document."""
    problem = _parse_problem(text)
    detail = problem.get("detail") or problem.get("title") or f"The service answered {status} {reason}".strip()
    kind = _kinds.get(status) or (ServerError if status >= 500 else ApiError)
    return kind(
        str(detail),
        status=status,
        code=problem.get("code", "UNKNOWN"),
        errors=tuple(_entry_of(one) for one in problem.get("errors", ())),
        request_id=problem.get("requestId") or headers.get("x-request-id"),
        retry_after=_seconds_of(headers.get("retry-after")),
    )


_kinds: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: TooLargeError,
    422: ValidationError,
    429: RateLimitError,
}


def _entry_of(sent: Mapping[str, Any]) -> ValidationErrorEntry:
    return ValidationErrorEntry(
        path=sent.get("path", ""),
        code=sent.get("code", ""),
        message=sent.get("message", ""),
        line=sent.get("line"),
        column=sent.get("column"),
        value=sent.get("value"),
    )


def _parse_problem(text: str) -> dict[str, Any]:
    try:
        problem = json.loads(text)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _seconds_of(header: str | None) -> float | None:
    """Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
