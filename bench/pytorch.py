"""The same job in PyTorch: reads a job's folder, then trains once per line on stdin and answers with one JSON line.

What a person writes by hand, without a DataLoader: indexing by a ready-made order, eager mode, and what the service also
reports: batch losses, the last gradients, and the loss over the full training set after each epoch.
"""
import json
import resource
import sys
import time

import torch
from torch import nn

folder, threads = sys.argv[1], int(sys.argv[2])
device = torch.device(sys.argv[3] if len(sys.argv) > 3 else "cpu")
torch.set_num_threads(threads)
with open(f"{folder}/job.json") as file:
    job = json.load(file)


def read(name, dtype, shape):
    with open(f"{folder}/{name}", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype).reshape(shape).to(device)


rows, batch, epochs = job["rows"], job["batchSize"], job["epochs"]
features = read("features.bin", torch.float32, [rows, *job["inputShape"]])
if len(job["inputShape"]) == 3:
    features = features.permute(0, 3, 1, 2).contiguous()
labels = read("labels.bin", torch.float32, [rows])
orders = read("orders.bin", torch.int32, [epochs, rows]).long()
labels = labels.long() if job["loss"] == "crossEntropy" else labels.reshape(rows, 1)
loss_function = nn.CrossEntropyLoss() if job["loss"] == "crossEntropy" else nn.MSELoss()


def build():
    layers = []
    for layer in job["layers"]:
        if layer["type"] == "dense":
            layers.append(nn.Linear(layer["inputs"], layer["units"]))
        elif layer["type"] == "conv2d":
            layers.append(nn.Conv2d(layer["inputs"], layer["filters"], layer["kernelSize"]))
        elif layer["type"] == "maxPool2d":
            layers.append(nn.MaxPool2d(layer["poolSize"]))
        elif layer["type"] == "flatten":
            layers.append(nn.Flatten())
        if layer.get("activation") == "relu":
            layers.append(nn.ReLU())
    net = nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, given in zip(net.parameters(), job["weights"]):
            values = torch.tensor(given["values"], dtype=torch.float32).reshape(given["shape"])
            parameter.copy_((values.permute(given["axes"]) if given["axes"] else values).reshape(parameter.shape))
    return net.to(device)


def full_loss(net):
    """Over all rows at once, or in pieces where a convolution would hold too much."""
    with torch.no_grad():
        if features.dim() == 2:
            return loss_function(net(features), labels).item()
        size = 2000
        total = sum(loss_function(net(features[at : at + size]), labels[at : at + size]).item() * len(labels[at : at + size]) for at in range(0, rows, size))
        return total / rows


def train():
    net = build()
    optimizer = torch.optim.SGD(net.parameters(), lr=job["learningRate"])
    losses = []
    start, cpu = time.perf_counter(), time.process_time()
    for epoch in range(epochs):
        order, total, steps = orders[epoch], torch.zeros((), device=device), 0
        for at in range(0, rows, batch):
            index = order[at : at + batch]
            optimizer.zero_grad()
            loss = loss_function(net(features[index]), labels[index])
            loss.backward()
            optimizer.step()
            total += loss.detach()
            steps += 1
        losses.append(full_loss(net))
        total.item() / steps
    return time.perf_counter() - start, time.process_time() - cpu, losses


print(json.dumps({"ready": True, "version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for _ in sys.stdin:
    seconds, cpu_seconds, losses = train()
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "loss": losses[-1], "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)
