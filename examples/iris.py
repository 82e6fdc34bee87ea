#!/usr/bin/env python3
"""Uploads a table, trains on it, watches, and predicts: `python3 examples/iris.py`, beside a running service."""

import json
from pathlib import Path

import trainyard

# Reads TRAINYARD_URL, else http://127.0.0.1:3000, and TRAINYARD_API_KEY.
client = trainyard.Client()
here = Path(__file__).parent

iris = client.upload(here / "iris.csv", on_progress=lambda sent: print(f"{sent.sent_bytes} of {sent.total_bytes} bytes sent"))
print(f"{iris.id}: {iris.rows} rows, {', '.join(column.name for column in iris.columns)}")

config = json.loads((here / "iris.json").read_text())
config["dataset"]["id"] = iris.id


def on_epoch(event, job):
    if event.epoch % 10 == 0:
        print(f"epoch {event.epoch}, loss {event.loss:.4f}, accuracy {event.metrics.accuracy:.3f}")


job = client.train(config, on_epoch=on_epoch)
flower = {"sepalLength": 6.7, "sepalWidth": 3, "petalLength": 5.2, "petalWidth": 2.3}
(outputs,) = job.predict([flower]).predictions
print(f"outputs {', '.join(f'{one:.2f}' for one in outputs)}, by {', '.join(job.weights())}")
