"""Values of Python as JSON: those of numpy and pandas, times, and what is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .query import text_of


def to_json(value: Any) -> bytes:
    """Raises ValueError for NaN and infinity, which JSON does not have, and TypeError for what is no value at all."""
    try:
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError as error:
        raise ValueError(f'{error}: the API writes them as "NaN", "Infinity" and "-Infinity", and what is missing as None') from error


def cells_of(value: Any) -> Any:
    """
    Rows as the API takes them: None for what is missing (NaN, pandas' NaT and NA), lists for arrays, and times as they are written,
    whether they have a zone or not.
    """
    if isinstance(value, Mapping):
        return {str(name): cells_of(one) for name, one in value.items()}
    if isinstance(value, (str, bytes)):
        return value
    if hasattr(value, "tolist"):
        return cells_of(value.tolist())
    if isinstance(value, (list, tuple)):
        return [cells_of(one) for one in value]
    if _is_missing(value):
        return None
    return value.isoformat() if isinstance(value, datetime) else value


def rows_of(table: Any) -> Any:
    """The rows of a table of pandas, polars or Arrow by column name; anything else as it is."""
    for name, arguments in (("to_dicts", ()), ("to_pylist", ()), ("to_dict", ("records",))):
        if hasattr(table, name):
            return getattr(table, name)(*arguments)
    return table


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
    if isinstance(value, (Decimal, Fraction)):
        return float(value)
    raise TypeError(f"{value!r} is nothing that JSON can hold")
