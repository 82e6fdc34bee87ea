"""For receivers of webhooks: whether a body came from the service, by the rules of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping

from .errors import SignatureError
from .record import Record


def verify_webhook(body: str | bytes, headers: Mapping[str, str], secret: str, *, tolerance: float = 300.0) -> Record:
    """
    The event in a request, whose ``body`` is as it came and not parsed: ``type``, ``timestamp``, ``data``. ``secret`` is ``whsec_…``;
    the time of the attempt may be ``tolerance`` seconds from this machine's. Who has seen the header ``webhook-id`` before has been
    told already. Raises SignatureError unless the service signed it.
    """
    content = body.encode() if isinstance(body, str) else body
    sent = {name.lower(): value for name, value in headers.items()}
    try:
        id, timestamp, signatures = (sent[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as missing:
        raise SignatureError(f"There is no header {missing}") from missing
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > tolerance:
        raise SignatureError(f"The webhook-timestamp {timestamp} is not within {tolerance:g} s of now")
    signed = f"{id}.{timestamp}.".encode() + content
    expected = b"v1," + base64.b64encode(hmac.new(_key_of(secret), signed, hashlib.sha256).digest())
    # Each is compared in constant time.
    if not any(hmac.compare_digest(one.encode(), expected) for one in signatures.split(" ")):
        raise SignatureError("The body is not what was signed with this secret")
    event: Record = json.loads(content, object_hook=Record)
    return event


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret[len("whsec_") :] if secret.startswith("whsec_") else secret, validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("secret must be whsec_ and base64")
    return key
