"""What a client is told, and what it finds in the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

DEFAULT_URL = "http://127.0.0.1:3000"


@dataclass(frozen=True)
class Options:
    """As they are used: ``url`` without a slash at its end, ``timeout`` in seconds."""

    url: str
    api_key: str | None
    timeout: float
    max_retries: int


def read_options(url: str | None, api_key: str | None, timeout: float, max_retries: int) -> Options:
    """Raises ValueError naming the option that cannot be."""
    if not timeout > 0:
        raise ValueError("timeout must be a number of seconds above 0")
    if int(max_retries) != max_retries or max_retries < 0:
        raise ValueError("max_retries must be a whole number from 0")
    return Options(
        url=_read_url(url if url is not None else os.environ.get("TRAINYARD_URL") or DEFAULT_URL),
        api_key=_read_key(api_key if api_key is not None else os.environ.get("TRAINYARD_API_KEY")),
        timeout=timeout,
        max_retries=max_retries,
    )


def _read_url(text: str) -> str:
    """Without the slash at its end, and without ``/v1``, which every path has."""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or not _has_port(url):
        raise ValueError(f"url must be http:// or https://, a host and maybe a port, and is {text!r}")
    if "@" in url.netloc:
        raise ValueError("url must have no user and no password: a key goes into api_key")
    return re.sub(r"/v1$", "", f"{url.scheme}://{url.netloc}{url.path}".rstrip("/"))


def _has_port(url: SplitResult) -> bool:
    """Whether its port can be one, if it has one."""
    try:
        return url.port is None or url.port > 0
    except ValueError:
        return False


def _read_key(text: str | None) -> str | None:
    key = (text or "").strip()
    if not re.fullmatch(r"[\x21-\x7e]*", key):
        raise ValueError("api_key has characters that no header can carry")
    return key or None
