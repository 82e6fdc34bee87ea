"""Addresses: what goes into a path and a query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ..record import camel_case


def segment(name: str) -> str:
    """An id as a part of a path. Raises ValueError for one that would lead to another address."""
    if not isinstance(name, str) or name in ("", ".", ".."):
        raise ValueError(f"{name!r} is no id")
    return quote(name, safe="")


def pairs_of(query: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """The parameters of a query: lists are repeated, mappings become ``name[key]=value``, None is left out."""
    return tuple(pair for name, value in (query or {}).items() for pair in _pairs(camel_case(name), value))


def text_of(value: Any) -> str:
    """A value as the API writes it. A time without a zone is one of this machine."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.astimezone()).isoformat()
    return str(value)


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [pair for key, one in value.items() for pair in _pairs(f"{name}[{key}]", one)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [pair for one in value for pair in _pairs(name, one)]
    return [(name, text_of(value))]
