"""Streams of events, one after the other."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

from ..record import Record
from .server_sent_events import read_blocks
from .transport import Request, Transport

# The service says something every 15 s; so many seconds without a byte, and the line is dead.
_MAX_SILENCE = 45.0
# Seconds before a stream that broke off is opened again.
_REOPEN_SECONDS = 1.0


def follow(transport: Transport, path: str, query: Mapping[str, Any], after: str | None) -> Iterator[Record]:
    """
    Events after the one whose id is ``after``, from the first if that is None, until the service says that there is nothing more. A
    line that breaks is opened again after what came last: none is missing, none comes twice.
    """
    while True:
        place = {} if after is None else {"last-event-id": after}
        request = Request("GET", path, query, {"accept": "text/event-stream", **place}, max_silence=_MAX_SILENCE)
        with transport.open(request) as answer:
            if answer.status_code == 204:
                return
            # A break of the line, and nothing else.
            with suppress(httpx.RequestError):
                for block in read_blocks(answer.iter_bytes()):
                    after = block.id or after
                    if block.data is not None:
                        yield json.loads(block.data, object_hook=Record)
        time.sleep(_REOPEN_SECONDS)
