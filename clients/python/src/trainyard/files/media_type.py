"""What a file is, by the end of its name or its first bytes."""

from __future__ import annotations

import re

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.file"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
NDJSON = "application/x-ndjson"
NPY = "application/x-npy"
NPZ = "application/x-npz"
CSV = "text/csv"
JSON = "application/json"


def media_type_of(name: str) -> tuple[str | None, str | None]:
    """The media type, and how the file as a whole is compressed; None where the name says nothing."""
    lower = name.lower()
    encoding = next((encoding for end, encoding in _encodings.items() if lower.endswith(end)), None)
    plain = lower.rpartition(".")[0] if encoding else lower
    found = re.search(r"\.([a-z]+)$", plain)
    return _types.get(found[1]) if found else None, encoding


def media_type_of_bytes(start: bytes) -> tuple[str | None, str | None]:
    """The same by the first bytes of a file; text of any kind says nothing."""
    encoding = next((encoding for magic, encoding in _compressed if start.startswith(magic)), None)
    return next((kind for magic, kind in _magic if start.startswith(magic)), None), encoding


_encodings = {".gz": "gzip", ".zst": "zstd"}
_compressed = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_magic = (
    (b"PAR1", PARQUET),
    (b"ARROW1", ARROW),
    (b"\xff\xff\xff\xff", ARROW_STREAM),
    (b"\x93NUMPY", NPY),
    (b"PK\x03\x04", NPZ),
)
_types = {
    "csv": CSV,
    "tsv": "text/tab-separated-values",
    "txt": CSV,
    "json": JSON,
    "ndjson": NDJSON,
    "jsonl": NDJSON,
    "parquet": PARQUET,
    "pq": PARQUET,
    "parq": PARQUET,
    "arrows": ARROW_STREAM,
    "arrow": ARROW,
    "feather": ARROW,
    "ipc": ARROW,
    "npy": NPY,
    "npz": NPZ,
}
