"""What Schemathesis cannot read in the document: bytes of files, ids that are there, and how long a wait may take here."""

import json
import os
import random

import schemathesis

# Media types of files that are bytes or lines.
FILES = [
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.parquet",
    "application/x-ndjson",
    "application/x-npy",
    "application/x-npz",
]

# Ids of what is there, by the part of a path before them.
MADE = json.loads(os.environ.get("CONTRACT_IDS", "{}"))

# What is chosen by chance is chosen again with the same seed.
CHANCE = random.Random(int(os.environ.get("CONTRACT_SEED", "0")))

# The seconds that a request may ask to wait.
LONGEST_WAIT = 0.2


@schemathesis.serializer(*FILES)
def to_bytes(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    name_what_is_there(case)
    forget_earlier_creations(case)
    if is_longer((case.query or {}).get("wait")):
        case.query["wait"] = LONGEST_WAIT


def is_longer(wait):
    try:
        return LONGEST_WAIT < float(wait) <= 60
    except (TypeError, ValueError):
        return False


def name_what_is_there(case):
    """Most ids are of something that is there, so that more than the lookup of an id is tried; what is deleted is not."""
    if case.method.upper() == "DELETE" or not case.path_parameters:
        return
    before = case.path.split("/{id}")[0].rsplit("/", 1)[-1]
    if "id" in case.path_parameters and before in MADE and CHANCE.random() < 0.8:
        case.path_parameters["id"] = CHANCE.choice(MADE[before])


def forget_earlier_creations(case):
    """A creation that is replayed by its key may answer with what was deleted since, which cannot be read afterwards."""
    if case.meta is not None and case.meta.phase.name == "stateful" and case.headers:
        case.headers.pop("Idempotency-Key", None)
