"""``client.datasets.upload``: small files in one request, others in parts, of which a broken line loses one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Callable, cast

import httpx

from ..errors import ApiError, ConflictError, ConnectionError
from ..files.media_type import CSV, JSON
from ..files.source import OpenFile, open_file
from ..http.json_body import to_json
from ..http.query import segment
from ..http.transport import Request, Transport, parse
from ..record import Record

DEFAULT_PART_BYTES = 8 * 1024 * 1024
# Making a dataset of the largest file takes minutes, in which nothing is said. In seconds.
_MAX_COMPLETION = 30 * 60.0
# Seconds between looks at what became of an upload whose answer was lost.
_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class UploadProgress:
    """
    ``total_bytes`` is None for a stream. ``upload_id`` is what goes on with this upload later; None for a file that goes in one
    request.
    """

    sent_bytes: int
    total_bytes: int | None
    upload_id: str | None


OnProgress = Callable[[UploadProgress], Any]


@dataclass(frozen=True)
class _Sending:
    """One file on its way."""

    file: OpenFile
    content_type: str
    content_encoding: str | None
    options: Mapping[str, Any]
    on_progress: OnProgress | None
    idempotency_key: str | None

    def tell(self, sent_bytes: int, upload_id: str | None = None) -> None:
        if self.on_progress:
            self.on_progress(UploadProgress(sent_bytes, self.file.size, upload_id))


class Uploader:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload(
        self,
        source: Any,
        options: Mapping[str, Any],
        *,
        content_type: str | None,
        content_encoding: str | None,
        file_name: str | None,
        on_progress: OnProgress | None,
        upload_id: str | None,
        part_bytes: int,
        idempotency_key: str | None,
    ) -> Record:
        """A dataset of a file. Raises ValidationError with everything that is wrong with it, by line and column."""
        if part_bytes < 1:
            raise ValueError("part_bytes must be a number of bytes from 1")
        file = open_file(source, file_name)
        kind = content_type or file.content_type or CSV
        encoding = content_encoding or file.content_encoding
        sending = _Sending(file, kind, encoding, options, on_progress, idempotency_key)
        parts = file.parts(part_bytes)
        if kind.startswith(JSON) and encoding in (None, "gzip"):
            content = b"".join(parts)
            return self._send_whole(gzip.decompress(content) if encoding else content, sending)
        if upload_id is None and encoding is None:
            # A file that ends within its first part goes in one request.
            first = next(parts, b"")
            second = next(parts, None)
            if second is None:
                return self._send_whole(first, sending)
            parts = chain([first, second], parts)
        return self._send_parts(parts, sending, upload_id)

    def _send_whole(self, content: bytes, sending: _Sending) -> Record:
        """One request. JSON goes in with what is said of it in it; anything else as a form, whose options come first."""
        sending.tell(0)
        request = _json_of(content, sending) if sending.content_type.startswith(JSON) else _form_of(content, sending)
        dataset = self._transport.call(request, lambda answer: parse(answer.read()), sending.idempotency_key)
        sending.tell(len(content))
        return cast(Record, dataset)

    def _send_parts(self, parts: Iterable[bytes], sending: _Sending, upload_id: str | None) -> Record:
        upload = self._find(upload_id) if upload_id is not None else self._begin(sending)
        try:
            self._fill(upload, parts, sending)
            return self._complete(upload["id"])
        except (ApiError, KeyboardInterrupt):
            # A line that broke is no reason: the upload can go on for a day.
            if upload_id is None:
                with suppress(Exception):
                    self._transport.json("DELETE", _path(upload["id"]))
            raise

    def _begin(self, sending: _Sending) -> Record:
        said = {
            "contentType": sending.content_type,
            "contentEncoding": sending.content_encoding,
            "options": sending.options,
            "bytes": sending.file.size,
        }
        body = {name: value for name, value in said.items() if value is not None}
        return cast(Record, self._transport.json("POST", "/v1/uploads", body=body, idempotency_key=sending.idempotency_key))

    def _find(self, id: str) -> Record:
        return cast(Record, self._transport.json("GET", _path(id)))

    def _fill(self, upload: Record, parts: Iterable[bytes], sending: _Sending) -> None:
        there = {part["number"]: part["digest"] for part in upload.get("parts", ())}
        sent_bytes = 0
        for number, part in enumerate(parts, start=1):
            digest = _digest_of(part)
            if there.get(number) != digest:
                headers = {"content-type": "application/octet-stream", "content-digest": digest}
                request = Request("PUT", f"{_path(upload['id'])}/parts/{number}", headers=headers, content=part)
                self._transport.call(request, lambda answer: answer.read())
            sent_bytes += len(part)
            sending.tell(sent_bytes, upload["id"])

    def _complete(self, id: str) -> Record:
        """If the answer gets lost, the upload itself tells what became of it."""
        while True:
            try:
                return cast(Record, self._transport.json("POST", f"{_path(id)}/complete", max_silence=_MAX_COMPLETION))
            except (ConnectionError, ConflictError):
                if self._find(id)["status"] == "open":
                    raise
            time.sleep(_LOOK_SECONDS)


def _path(id: str) -> str:
    return f"/v1/uploads/{segment(id)}"


def _json_of(content: bytes, sending: _Sending) -> Request:
    try:
        table = json.loads(content)
    except ValueError as error:
        raise ValueError(f"The file is no JSON: {error}") from error
    body = {"rows": table} if isinstance(table, list) else table
    merged = to_json({**body, **sending.options})
    return Request("POST", "/v1/datasets", headers={"content-type": JSON}, content=merged)


def _form_of(content: bytes, sending: _Sending) -> Request:
    """Written once, since each attempt must be the same request."""
    name = sending.file.name or "table"
    form: list[tuple[str, Any]] = [
        ("options", (None, to_json(sending.options))),
        ("file", (name, content, sending.content_type)),
    ]
    written = httpx.Request("POST", "http://form", files=form)
    headers = {"content-type": written.headers["content-type"]}
    return Request("POST", "/v1/datasets", headers=headers, content=written.read())


def _digest_of(content: bytes) -> str:
    """As in ``Content-Digest`` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
