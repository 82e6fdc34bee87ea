"""Unpacks chosen files of a wheel and checks each against the wheel's own RECORD.

usage: unpack_wheel.py WHEEL TARGET PATTERN...    (patterns are fnmatch patterns over names in the wheel)

Prints one JSON object: {"files": {name: "algorithm=digest" of the RECORD}, "requires": [METADATA's Requires-Dist lines]}. Needs
nothing but Python's own library.
"""
import base64
import csv
import fnmatch
import hashlib
import io
import json
import os
import sys
import zipfile

BLOCK = 1 << 22


def read_record(wheel):
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/RECORD"))
    rows = csv.reader(io.StringIO(wheel.read(name).decode()))
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1]}


def unpack(wheel, name, expected, target):
    """Writes one file, hashing what is written; a missing or different hash ends the program."""
    if not expected:
        sys.exit(f"{name} is not in the wheel's RECORD")
    algorithm, digest = expected.split("=", 1)
    path = os.path.normpath(os.path.join(target, name))
    if not path.startswith(os.path.abspath(target) + os.sep):
        sys.exit(f"{name} leads out of the folder")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    hasher = hashlib.new(algorithm)
    with wheel.open(name) as source, open(path, "wb") as file:
        while block := source.read(BLOCK):
            hasher.update(block)
            file.write(block)
    found = base64.urlsafe_b64encode(hasher.digest()).rstrip(b"=").decode()
    if found != digest:
        sys.exit(f"{name} is damaged: its {algorithm} is {found}, the wheel's RECORD says {digest}")
    if (wheel.getinfo(name).external_attr >> 16) & 0o111:
        os.chmod(path, 0o755)


def main():
    path, target, *patterns = sys.argv[1:]
    target = os.path.abspath(target)
    with zipfile.ZipFile(path) as wheel:
        record = read_record(wheel)
        names = [
            name
            for name in wheel.namelist()
            if not name.endswith("/") and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        ]
        for name in names:
            unpack(wheel, name, record.get(name), target)
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        lines = wheel.read(metadata).decode().split("\n\n")[0].splitlines()
        requires = [line.split(":", 1)[1].strip() for line in lines if line.startswith("Requires-Dist:")]
    print(json.dumps({"files": {name: record[name] for name in names}, "requires": requires}))


main()
