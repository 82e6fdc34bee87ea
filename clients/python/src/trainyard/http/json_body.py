"""Values of Python as JSON: those of numpy and pandas, times, and what is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from .query import text_of


def to_json(value: Any) -> bytes:
    """Raises ValueError for NaN and infinity, which JSON does not have, and TypeError for what is no value at all."""
    try:
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError as error:
        raise ValueError(f'{error}: the API writes them as "NaN", "Infinity" and "-Infinity", and what is missing as None') from error


def cells_of(value: Any) -> Any:
    """Rows with None for what is missing: NaN, pandas' NaT and NA. Arrays become lists."""
    if isinstance(value, Mapping):
        return {str(name): cells_of(one) for name, one in value.items()}
    if isinstance(value, (str, bytes)):
        return value
    if hasattr(value, "tolist"):
        return cells_of(value.tolist())
    if isinstance(value, (list, tuple)):
        return [cells_of(one) for one in value]
    return None if _is_missing(value) else value


def _is_missing(value: Any) -> bool:
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in ("NAType", "NaTType")


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{value!r} is nothing that JSON can hold")
