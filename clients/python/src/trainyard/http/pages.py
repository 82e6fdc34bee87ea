"""Lists that come page by page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Callable, Generic, TypeVar

Item = TypeVar("Item")


class Pages(Generic[Item]):
    """A list of any length: ``for one in pages`` reads its pages as they are needed."""

    def __init__(self, read_page: Callable[[str | None], tuple[list[Item], str | None]]) -> None:
        """``read_page`` gets the cursor of a page, None for the first, and gives its items and the next cursor."""
        self._read_page = read_page

    def __iter__(self) -> Iterator[Item]:
        after: str | None = None
        while True:
            items, after = self._read_page(after)
            yield from items
            if after is None:
                return

    def to_list(self, max: int = 1000) -> list[Item]:
        """At most so many, as a list."""
        return list(islice(self, max))
