"""Arrays of numpy where it is installed, nested lists elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Union

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

Bytes = Union[bytes, memoryview]


def array_of(content: Bytes, code: str, shape: Sequence[int]) -> Any:
    """An array that may be written to, of little-endian values of the type that ``code`` is in ``struct``."""
    if numpy is not None:
        return numpy.frombuffer(content, f"<{code}").reshape(shape).copy()
    return _nested([one for (one,) in struct.iter_unpack(f"<{code}", content)], shape)


def float_array_of(values: Sequence[Any], shape: Sequence[int]) -> Any:
    """float32 values, row-major, of which those that are not finite may be words."""
    numbers = [float(value) for value in values]
    if numpy is not None:
        return numpy.array(numbers, "float32").reshape(shape)
    return _nested(numbers, shape)


def _nested(values: Sequence[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return values[0]
    size = len(values) // shape[0] if shape[0] else 0
    if len(shape) == 1:
        return list(values)
    return [_nested(values[at * size : (at + 1) * size], shape[1:]) for at in range(shape[0])]


def flat_of(array: Any) -> tuple[list[float], list[int]]:
    """The values of an array or of nested lists, row-major, and its shape."""
    nested = array.tolist() if hasattr(array, "tolist") else array
    shape: list[int] = []
    flat = [nested]
    while flat and isinstance(flat[0], (list, tuple)):
        shape.append(len(flat[0]))
        flat = [one for row in flat for one in row]
    return flat, shape
