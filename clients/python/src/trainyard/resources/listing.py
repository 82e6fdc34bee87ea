"""Lists of the API, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from ..http.pages import Pages
from ..http.transport import Transport
from ..record import Record

Item = TypeVar("Item")


def list_of(
    transport: Transport,
    path: str,
    query: Mapping[str, Any],
    item_of: Callable[[Record], Item],
    headers: Mapping[str, str] | None = None,
) -> Pages[Item]:
    """Newest first; ``query`` may have ``after``, a cursor, to begin with."""

    def read_page(after: str | None) -> tuple[list[Item], str | None]:
        asked = {**query, **({} if after is None else {"after": after})}
        page = transport.json("GET", path, query=asked, headers=headers)
        return [item_of(one) for one in page["data"]], page["nextCursor"]

    return Pages(read_page)


def as_it_is(record: Record) -> Record:
    return record
