"""Server-sent events, as the HTML standard has them, out of the bytes of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Not `str.splitlines`, which takes characters for ends of lines that JSON may hold.
_LINE = re.compile(rb"\r\n|\n|\r")
_BLOCK = re.compile(rb"\r\n\r\n|\n\n|\r\r")


@dataclass(frozen=True)
class Block:
    """What stands between two empty lines. A place in the stream may be told without an event: then ``data`` is None."""

    id: str | None
    data: str | None


def read_blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """Comments and ``retry`` are left out; one that the line broke in is too."""
    kept = b""
    for chunk in chunks:
        *blocks, kept = _BLOCK.split(kept + chunk)
        for block in blocks:
            lines = _LINE.split(block)
            yield Block(_field(lines, b"id"), _field(lines, b"data"))


def _field(lines: list[bytes], name: bytes) -> str | None:
    start = name + b":"
    values = [line[len(start) :] for line in lines if line.startswith(start)]
    return b"\n".join(value[1:] if value.startswith(b" ") else value for value in values).decode() if values else None
