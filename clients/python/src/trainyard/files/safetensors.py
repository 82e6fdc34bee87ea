"""Reads the safetensors format: a JSON header that says where each tensor lies, then the values.
https://github.com/safetensors/safetensors#format"""

from __future__ import annotations

import json
import math
import struct
from typing import Any

from ..arrays import array_of
from ..errors import TrainyardError


class Weights(dict[str, Any]):
    """
    Arrays of numpy by name, such as ``layers.0.weight``, in the order of the file; nested lists where numpy is not installed.
    ``metadata`` has ``jobId`` and ``epoch``, and ``modules`` with the layout of PyTorch.
    """

    def __init__(self, tensors: dict[str, Any], metadata: dict[str, str]) -> None:
        super().__init__(tensors)
        self.metadata = metadata
        self.file_name: str | None = None

    @property
    def epoch(self) -> int:
        """Finished epochs behind them."""
        return int(self.metadata["epoch"])


def read_safetensors(content: bytes) -> Weights:
    """Raises TrainyardError for bytes that are no such file."""
    try:
        (length,) = struct.unpack_from("<Q", content)
        entries = json.loads(content[8 : 8 + length])
        metadata = entries.pop("__metadata__", {})
        values = memoryview(content)[8 + length :]
        return Weights({name: _tensor_of(name, entry, values) for name, entry in entries.items()}, metadata)
    except (struct.error, ValueError, KeyError, AttributeError) as error:
        raise TrainyardError("These bytes are no whole safetensors file") from error


def _tensor_of(name: str, entry: dict[str, Any], values: memoryview) -> Any:
    if entry["dtype"] not in _types:
        raise TrainyardError(f"{name} is of the type {entry['dtype']}, which is not known here")
    code, size = _types[entry["dtype"]]
    start, end = entry["data_offsets"]
    if not 0 <= start <= end <= len(values) or end - start != math.prod(entry["shape"]) * size:
        raise ValueError(f"{name} is not within the file")
    return array_of(values[start:end], code, entry["shape"])


# As `struct` writes them, and bytes a value.
_types = {"F32": ("f", 4), "F64": ("d", 8), "I64": ("q", 8)}
