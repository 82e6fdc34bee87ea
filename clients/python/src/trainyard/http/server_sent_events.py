"""Server-sent events, as the HTML standard has them, out of the bytes of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Not `str.splitlines`, which takes characters for ends of lines that JSON may hold.
_LINE = re.compile(rb"\r\n|\n|\r")
_BLOCK = re.compile(rb"\r\n\r\n|\n\n|\r\r")


def read_event_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """The ``data`` of each event; comments, ``retry`` and what has no data are left out."""
    kept = b""
    for chunk in chunks:
        *blocks, kept = _BLOCK.split(kept + chunk)
        for block in blocks:
            data = _data_of(block)
            if data is not None:
                yield data


def _data_of(block: bytes) -> str | None:
    lines = [line[5:] for line in _LINE.split(block) if line.startswith(b"data:")]
    return b"\n".join(line[1:] if line.startswith(b" ") else line for line in lines).decode() if lines else None
