"""Tables of other libraries, and rows, as the bytes of a file."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from ..http.json_body import cells_of, to_json
from .media_type import ARROW_STREAM, CSV, NDJSON, NPY

# Files that are written on the way lie in memory up to so many bytes, then on the disk.
_IN_MEMORY = 64 * 1024 * 1024


def write_table(source: Any) -> tuple[IO[bytes], str] | None:
    """A file of a table, at its beginning, and its media type; None for what is no table."""
    if _is_of("pandas", "DataFrame", source):
        return _write_frame(source)
    if hasattr(source, "__arrow_c_stream__"):
        return _write_arrow(_pyarrow("a table of Arrow").table(source))
    if _is_of("pyarrow", "RecordBatch", source):
        return _write_arrow(_pyarrow("a table of Arrow").Table.from_batches([source]))
    if _is_of("numpy", "ndarray", source):
        file = _spool()
        sys.modules["numpy"].save(file, source, allow_pickle=False)
        return _rewound(file), NPY
    return None


def write_rows(rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> tuple[IO[bytes], str]:
    """Rows by column name, one a line; those of lists get the names ``x1``, ``x2``, … as the columns of an array do."""
    file = _spool()
    for row in rows:
        named = row if isinstance(row, Mapping) else {f"x{at}": cell for at, cell in enumerate(row, start=1)}
        file.write(to_json(cells_of(named)) + b"\n")
    return _rewound(file), NDJSON


def peek(items: Iterable[Any]) -> tuple[Any, Iterator[Any]]:
    """The first of them, None if there is none, and all of them."""
    iterator = iter(items)
    first = list(itertools.islice(iterator, 1))
    return (first[0] if first else None), itertools.chain(first, iterator)


def _write_frame(frame: Any) -> tuple[IO[bytes], str]:
    """As Arrow, which keeps the types; as a CSV without pyarrow, or with columns that Arrow has no type for. The index stays behind."""
    named = frame.rename(columns=str)
    if find_spec("pyarrow"):
        pyarrow = _pyarrow("a data frame")
        try:
            return _write_arrow(pyarrow.Table.from_pandas(named, preserve_index=False))
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError):
            pass
    file = _spool()
    named.to_csv(file, index=False)
    return _rewound(file), CSV


def _write_arrow(table: Any) -> tuple[IO[bytes], str]:
    file = _spool()
    with _pyarrow("a table of Arrow").ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    return _rewound(file), ARROW_STREAM


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError(f"pyarrow is needed to send {what}: pip install pyarrow") from error
    return pyarrow


def _is_of(module: str, name: str, value: Any) -> bool:
    """Without importing a library that the program does not use."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)


def _spool() -> IO[bytes]:
    return cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file
