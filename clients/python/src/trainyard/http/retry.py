"""When a request that failed is sent again."""

from __future__ import annotations

import random
import time
from typing import Callable, TypeVar

from ..errors import ApiError, ConnectionError

Value = TypeVar("Value")

# Seconds between attempts: at first about, and at most.
_FIRST_DELAY = 0.5
_MAX_DELAY = 8.0
# A service that wants to be left alone for more seconds than this is not waited for: whoever called decides.
_MAX_RETRY_AFTER = 60.0


def repeat(work: Callable[[int], Value], max_retries: int) -> Value:
    """What a piece of work gives, which is done again while it fails for a reason that passes; it gets the attempt, from 0."""
    attempt = 0
    while True:
        try:
            return work(attempt)
        except (ApiError, ConnectionError) as error:
            delay = _delay_before_retry(error, attempt) if attempt < max_retries else None
            if delay is None:
                raise
        time.sleep(delay)
        attempt += 1


def _is_transient(error: Exception) -> bool:
    if not isinstance(error, ApiError):
        return isinstance(error, ConnectionError)
    return error.status in (429, 502, 503) or error.code == "IDEMPOTENCY_IN_PROGRESS"


def _delay_before_retry(error: Exception, attempt: int) -> float | None:
    """
    Seconds to wait before the next attempt; None if another one cannot help. All requests may be repeated: POSTs carry an
    Idempotency-Key, PUTs and DELETEs do the same twice.
    """
    after = error.retry_after if isinstance(error, ApiError) else None
    if not _is_transient(error) or (after or 0.0) > _MAX_RETRY_AFTER:
        return None
    if after is not None:
        return after + random.random() * _FIRST_DELAY
    # Jitter, so that clients that failed together do not come back together.
    return min(_MAX_DELAY, _FIRST_DELAY * 2.0**attempt) * (0.5 + random.random() / 2)
