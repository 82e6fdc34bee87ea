"""``client.datasets``"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, cast

from ..http.json_body import cells_of
from ..http.pages import Pages
from ..http.query import segment
from ..http.transport import Transport
from ..record import Record, camel_case
from .listing import as_it_is, list_of
from .uploader import DEFAULT_PART_BYTES, Uploader, UploadProgress

_ROWS_PER_PAGE = 1000


class Datasets:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._uploader = Uploader(transport)

    def create(self, table: Mapping[str, Any], *, idempotency_key: str | None = None) -> Record:
        """A dataset of ``{"rows": …}``, ``{"features": …, "labels": …}`` or ``{"synthetic": …}``. Raises ValidationError."""
        return cast(Record, self._transport.json("POST", "/v1/datasets", body=table, idempotency_key=idempotency_key))

    def upload(
        self,
        source: Any,
        *,
        content_type: str | None = None,
        content_encoding: str | None = None,
        file_name: str | None = None,
        on_progress: Callable[[UploadProgress], Any] | None = None,
        upload_id: str | None = None,
        part_bytes: int = DEFAULT_PART_BYTES,
        idempotency_key: str | None = None,
        **said: Any,
    ) -> Record:
        """
        A dataset of a path, a data frame of pandas, a table of Arrow, an array of numpy, rows by column name, rows as lists, bytes, or
        a file that is open for reading bytes. Raises ValidationError with all that is wrong with it, by line and column.

        ``said`` is what is said of it: ``name``, ``features``, ``labels``, ``columns``, ``missing``, ``bad_rows``, ``delimiter``, …
        What a file is follows from the end of its name, or ``content_type``; a compressed one from that too, or ``content_encoding``.
        ``file_name`` names what has no name. A file of more than ``part_bytes``, at most 16 MiB, goes in parts; with the
        ``upload_id`` that ``on_progress`` gets, a later call goes on with those that are missing.
        """
        options = {camel_case(name): value for name, value in said.items() if value is not None}
        if isinstance(source, Mapping):
            return self.create({**cells_of(source), **options}, idempotency_key=idempotency_key)
        return self._uploader.upload(
            source,
            options,
            content_type=content_type,
            content_encoding=content_encoding,
            file_name=file_name,
            on_progress=on_progress,
            upload_id=upload_id,
            part_bytes=part_bytes,
            idempotency_key=idempotency_key,
        )

    def import_from(self, url: str, **said: Any) -> Record:
        """Has the service fetch a file, if it may; ``client.imports.wait`` tells what came of it."""
        body = {"url": url, **{camel_case(name): value for name, value in said.items()}}
        return cast(Record, self._transport.json("POST", "/v1/datasets", body=body))

    def get(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def list(self, **query: Any) -> Pages[Record]:
        """Newest first."""
        return list_of(self._transport, "/v1/datasets", query, as_it_is)

    def rows(self, id: str, *, offset: int = 0) -> Pages[Record]:
        """Rows as they were uploaded, from the one at ``offset``, counted from 0."""

        def read_page(after: str | None) -> tuple[list[Record], str | None]:
            query = {"offset": after or offset, "limit": _ROWS_PER_PAGE}
            page = self._transport.json("GET", _path(id, "/rows"), query=query)
            following = page["nextOffset"]
            return page["data"], None if following is None else str(following)

        return Pages(read_page)

    def batch(self, id: str, *, batch_size: int | None = None, seed: int | None = None) -> Record:
        """A shuffled mini-batch, as training sees it: ``features`` and ``labels``."""
        query = {"batch_size": batch_size, "seed": seed}
        return cast(Record, self._transport.json("GET", _path(id, "/batch"), query=query))

    def correlations(self, id: str, label: str) -> Record:
        """How each column goes with a label."""
        return cast(Record, self._transport.json("GET", _path(id, "/correlations"), query={"label": label}))

    def delete(self, id: str) -> None:
        """Raises ConflictError while a job needs it."""
        self._transport.json("DELETE", _path(id))


def _path(id: str, rest: str = "") -> str:
    return f"/v1/datasets/{segment(id)}{rest}"
