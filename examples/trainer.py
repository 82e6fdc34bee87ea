#!/usr/bin/env python3
"""Training by hand: the loop of the from-scratch notebook, a loss and an optimizer of the program's own. `python3 examples/trainer.py`"""

import numpy as np
import trainyard

client = trainyard.Client()
data = {"synthetic": {"kind": "linear", "weights": [2, -3.4], "bias": 4.2, "examples": 1000, "noiseStd": 0.01, "seed": 1}}
config = {"dataset": data, "model": {"layers": [{"type": "dense", "units": 1}]}, "seed": 42}


def from_scratch(epochs=3):
    """The loss and the optimizer of the service, a request a step."""
    trainer = client.trainers.create({**config, "loss": {"type": "halfSquared"}, "optimizer": {"type": "sgd", "learningRate": 0.03}})
    for epoch in range(1, epochs + 1):
        for batch in trainer.batches(10, epoch=epoch):
            trainer.train_step(batch)
        print(f"epoch {epoch}, loss {trainer.evaluate().loss:f}")
    return trainer


def quantile_loss(outputs, labels, quantile=0.9):
    """The mean of the loss, and its gradient by the outputs."""
    error = labels - outputs
    gradient = np.where(error > 0, -quantile, 1 - quantile) / error.size
    return np.maximum(quantile * error, (quantile - 1) * error).mean(), gradient


def own_loss(steps=30):
    """The service computes the outputs, the program their loss and its gradient, and the service carries that back."""
    trainer = client.trainers.create({**config, "optimizer": {"type": "adam", "learningRate": 0.3}})
    random = np.random.default_rng(1)
    for step in range(steps):
        X = random.normal(size=(20, 2))
        y = X @ [[2], [-3.4]] + 4.2 + random.normal(size=(20, 1))
        forward = trainer.forward((X, None))
        loss, gradient = quantile_loss(forward.outputs, y)
        trainer.zero_gradients()
        trainer.backward(forward, gradient)
        trainer.step()
        if (step + 1) % 10 == 0:
            print(f"step {step + 1}, quantile loss {loss:.4f}")
    return trainer


def own_optimizer(steps=40, learning_rate=0.2, beta1=0.9, beta2=0.99):
    """Lion: the sign of a moving mean of the gradients."""
    trainer = client.trainers.create({**config, "loss": {"type": "mse"}})
    means = {name: np.zeros_like(values) for name, values in trainer.parameters().items()}
    for step in range(steps):
        trainer.zero_gradients()
        trainer.forward_backward({"size": 50, "epoch": 1 + step // 20, "index": step % 20})
        gradients = trainer.gradients()
        rate = learning_rate * (1 - step / steps)
        trainer.update({name: -rate * np.sign(beta1 * means[name] + (1 - beta1) * gradients[name]) for name in means})
        means = {name: beta2 * means[name] + (1 - beta2) * gradients[name] for name in means}
    print(f"Lion after {steps} steps: loss {trainer.evaluate().loss:.4f}")
    return trainer


if __name__ == "__main__":
    for train in (from_scratch, own_loss, own_optimizer):
        train().delete()
