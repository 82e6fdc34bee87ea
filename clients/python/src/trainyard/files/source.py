"""What a table may come from, as parts of a bounded size."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from .media_type import CSV, media_type_of, media_type_of_bytes
from .tables import peek, write_rows, write_table


@dataclass
class OpenFile:
    """A file that is read once. ``size`` is its bytes, if that is known before it is read; ``is_ours`` says that we close it."""

    chunks: Iterable[bytes]
    name: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    size: int | None = None
    is_ours: bool = False

    def parts(self, part_bytes: int) -> Iterator[bytes]:
        """Each of so many bytes, only the last one of less."""
        kept = bytearray()
        for chunk in self.chunks:
            kept += chunk
            while len(kept) >= part_bytes:
                yield bytes(kept[:part_bytes])
                del kept[:part_bytes]
        if kept:
            yield bytes(kept)


def open_file(source: Any, file_name: str | None = None) -> OpenFile:
    """Raises TypeError for anything that is no source, and what Python says of a file that is missing."""
    table = write_table(source)
    if table:
        stream, kind = table
        return OpenFile(_read(stream, close=True), file_name, kind, None, _size_of(stream))
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _named(_opened(path.open("rb"), close=True), file_name or path.name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _sniffed(_opened(BytesIO(source), close=True), file_name, bytes(source[:8]))
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        return _named(_opened(source, close=False), file_name or (Path(name).name if isinstance(name, str) else None))
    return _open_items(source, file_name)


def _open_items(source: Any, file_name: str | None) -> OpenFile:
    """Rows, or the chunks of a file."""
    if isinstance(source, Iterable):
        first, items = peek(source)
        if isinstance(first, (Mapping, list, tuple)):
            stream, kind = write_rows(items)
            return OpenFile(_read(stream, close=True), file_name, kind, None, _size_of(stream))
        if isinstance(first, (bytes, bytearray, memoryview)):
            return _sniffed(OpenFile(items), file_name, bytes(first[:8]))
        if next(items, items) is items:
            raise TypeError(f"A table needs at least one row; this {type(source).__name__} is empty")
    raise TypeError(
        "A table is a path, a data frame, a table of Arrow, an array, rows, bytes, or a file that is open for reading bytes;"
        f" this is of the type {type(source).__name__}"
    )


def _named(file: OpenFile, name: str | None) -> OpenFile:
    file.name = name
    file.content_type, file.content_encoding = media_type_of(name or "")
    return file


def _sniffed(file: OpenFile, name: str | None, start: bytes) -> OpenFile:
    """By its name where it has one, else by its first bytes; a text without a name is a CSV."""
    if name:
        return _named(file, name)
    kind, encoding = media_type_of_bytes(start)
    file.content_type, file.content_encoding = kind or CSV, encoding
    return file


def _opened(stream: IO[bytes], close: bool) -> OpenFile:
    return OpenFile(_read(stream, close), size=_size_of(stream))


def _read(stream: IO[bytes], close: bool) -> Iterator[bytes]:
    try:
        while chunk := stream.read(1024 * 1024):
            if isinstance(chunk, str):
                raise TypeError("The file is open for reading text: open it with mode 'rb'")
            yield chunk
    finally:
        if close:
            stream.close()


def _size_of(stream: IO[bytes]) -> int | None:
    """From where it stands to its end."""
    with suppress(OSError, AttributeError, ValueError):
        if stream.seekable():
            start = stream.tell()
            size = stream.seek(0, os.SEEK_END) - start
            stream.seek(start)
            return size
    return None
