#!/usr/bin/env python3
"""
Training by hand: the loop of the from-scratch notebook, a loss and an optimizer of the program's own, and three tricks of the trade.
`python3 examples/trainer.py [epochs]`
"""

import sys

import numpy as np
import trainyard

client = trainyard.Client()
data = {"synthetic": {"kind": "linear", "weights": [2, -3.4], "bias": 4.2, "examples": 1000, "noiseStd": 0.01, "seed": 1}}
held_back = {"synthetic": {**data["synthetic"], "examples": 200, "seed": 2}}
config = {"dataset": data, "model": {"layers": [{"type": "dense", "units": 1}]}, "seed": 42}


def from_scratch(epochs=3):
    """The loss and the optimizer of the service, a request a step."""
    trainer = client.trainers.create({**config, "loss": {"type": "halfSquared"}, "optimizer": {"type": "sgd", "learningRate": 0.03}})
    for epoch in range(1, epochs + 1):
        for batch in trainer.batches(10, epoch=epoch):
            trainer.train_step(batch)
        print(f"epoch {epoch}, loss {trainer.evaluate().loss:f}, on rows held back {trainer.evaluate(dataset=held_back).loss:f}")
    return trainer


def quantile_loss(outputs, labels, quantile=0.9):
    """The mean of the loss, and its gradient by the outputs."""
    error = labels - outputs
    gradient = np.where(error > 0, -quantile, 1 - quantile) / error.size
    return np.maximum(quantile * error, (quantile - 1) * error).mean(), gradient


def own_loss(steps=10):
    """The service computes the outputs, the program their loss and its gradient, and the service carries that back."""
    trainer = client.trainers.create({**config, "optimizer": {"type": "adam", "learningRate": 0.5}})
    random = np.random.default_rng(1)
    for step in range(steps):
        X = random.normal(size=(20, 2))
        y = X @ [[2], [-3.4]] + 4.2 + random.normal(size=(20, 1))
        forward = trainer.forward((X, None))
        loss, gradient = quantile_loss(forward.outputs, y)
        trainer.zero_gradients()
        trainer.backward(forward, gradient)
        trainer.step()
        if step in (0, steps - 1):
            print(f"step {step + 1}, quantile loss {loss:.4f}")
    return trainer


def own_optimizer(steps=12, beta1=0.9, beta2=0.99):
    """Lion: the sign of a moving mean of the gradients."""
    trainer = client.trainers.create({**config, "loss": {"type": "mse"}})
    means = {name: np.zeros_like(values) for name, values in trainer.parameters().items()}
    for step in range(steps):
        trainer.zero_gradients()
        trainer.forward_backward({"size": 50, "epoch": 1, "index": step})
        gradients = trainer.gradients()
        rate = 1.1 * 0.8**step
        trainer.update({name: -rate * np.sign(beta1 * means[name] + (1 - beta1) * gradients[name]) for name in means})
        means = {name: beta2 * means[name] + (1 - beta2) * gradients[name] for name in means}
    print(f"Lion after {steps} steps: loss {trainer.evaluate().loss:.4f}")
    return trainer


def gradients_of(batch):
    return {"type": "batch", **batch}, {"type": "zeroGradients"}, {"type": "forwardBackward"}


def range_test():
    """A step at each learning rate, every one greater than the last: all in one request."""
    trainer = client.trainers.create({**config, "loss": {"type": "mse"}})
    rates = 1e-4 * 1.35 ** np.arange(40)
    steps = [(*gradients_of({"rows": list(range(50))}), {"type": "step", "learningRate": rate}) for rate in rates.tolist()]
    results = trainer.perform(*(operation for step in steps for operation in step))
    losses = [float(told.loss) for told in results if told.type == "forwardBackward"]
    print(f"range test: loss least at rate {rates[np.argmin(losses)]:.3f}, and {losses[-1]:.0e} at {rates[-1]:.0f}")
    return trainer


def accumulation():
    """Gradients add up until they are forgotten: four small batches make the step of a large one."""
    trainer = client.trainers.create({**config, "loss": {"type": "mse"}, "optimizer": {"type": "sgd", "learningRate": 0.03}})
    trainer.save("start")
    trainer.train_step({"rows": list(range(40))})
    large = trainer.parameters()
    trainer.load("start")
    for part in range(4):
        trainer.forward_backward({"rows": list(range(10 * part, 10 * part + 10))})
    # Each loss is the mean of its rows, so the sum is four times too large.
    trainer.step(learning_rate=0.03 / 4)
    same = all(np.allclose(values, large[name], atol=1e-5) for name, values in trainer.parameters().items())
    print(f"accumulation: {'four batches of 10 step as one of 40' if same else 'the steps differ'}")
    return trainer


def freezing():
    """Steps that name the parameters of the last layer leave the first as it is."""
    layers = [{"type": "dense", "units": 8, "activation": "relu"}, {"type": "dense", "units": 1}]
    trainer = client.trainers.create({**config, "model": {"layers": layers}, "loss": {"type": "mse"}})
    before = trainer.parameters()
    step = {"type": "step", "names": ["layers.1.weight", "layers.1.bias"]}
    told = trainer.repeat(100, *gradients_of({"size": 10}), step)
    changed = [name for name, values in trainer.parameters().items() if not np.array_equal(values, before[name])]
    print(f"freezing: mean loss {told.mean_loss:.2f}, changed {', '.join(changed)}")
    return trainer


if __name__ == "__main__":
    from_scratch(*map(int, sys.argv[1:])).delete()
    for train in (own_loss, own_optimizer, range_test, accumulation, freezing):
        train().delete()
