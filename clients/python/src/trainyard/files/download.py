"""A file that the service writes while it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..http.transport import Request, Transport


class Download:
    """A file of the service: ``save`` writes it, ``read`` gives its bytes, and a loop over it gives them chunk by chunk."""

    def __init__(self, transport: Transport, request: Request, fallback_name: str) -> None:
        self._transport = transport
        self._request = request
        self._fallback_name = fallback_name

    def __iter__(self) -> Iterator[bytes]:
        with self._transport.open(self._request) as answer:
            yield from answer.iter_bytes()

    def read(self) -> bytes:
        return self._transport.call(self._request, lambda answer: answer.read())

    def save(self, path: str | Path = ".") -> Path:
        """Writes it to a path, or under the service's name into a folder, and says where. What broke off is not left there."""
        with self._transport.open(self._request) as answer:
            target = Path(path)
            if target.is_dir():
                target = target / (file_name_of(answer.headers.get("content-disposition")) or self._fallback_name)
            unfinished = target.with_name(f"{target.name}.part")
            try:
                with unfinished.open("wb") as file:
                    for chunk in answer.iter_bytes():
                        file.write(chunk)
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
        return target


def file_name_of(disposition: str | None) -> str | None:
    """The name in a Content-Disposition, without any folder."""
    found = re.search(r'filename="?([^";]+)"?', disposition or "")
    return Path(found[1]).name if found else None
