#!/usr/bin/env node
/**
 * Training by hand: the loop of the from-scratch notebook, a loss and an optimizer of the program's own, and three tricks of the trade.
 * `node examples/trainer.mjs [epochs]`, after `npm run build`, beside a running service.
 */
import { Trainyard } from 'trainyard'

const client = new Trainyard()
const data = { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } }
const heldBack = { synthetic: { ...data.synthetic, examples: 200, seed: 2 } }
const config = { dataset: data, model: { layers: [{ type: 'dense', units: 1 }] }, loss: { type: 'mse' }, seed: 42 }
const sgd = (learningRate) => ({ type: 'sgd', learningRate })
const gradientsOf = (batch) => [batch, { type: 'zeroGradients' }, { type: 'forwardBackward' }]

/** The loss and the optimizer of the service, a request a step. */
const fromScratch = async (epochs = Number(process.argv[2] ?? 3)) => {
  const trainer = await client.trainers.create({ ...config, loss: { type: 'halfSquared' }, optimizer: sgd(0.03) })
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for await (const batch of trainer.batches(10, { epoch })) await trainer.trainStep(batch)
    const held = await trainer.evaluate(['mae'], { dataset: heldBack })
    console.log(`epoch ${epoch}, loss ${(await trainer.evaluate()).loss.toFixed(6)}, on rows held back ${held.loss.toFixed(6)}`)
  }
  await trainer.delete()
}

/** The mean of the loss, and its gradient by the outputs. */
const quantileLoss = (outputs, labels, quantile = 0.9) => {
  const errors = labels.map((label, row) => label - outputs[row])
  const loss = errors.reduce((sum, error) => sum + Math.max(quantile * error, (quantile - 1) * error), 0) / errors.length
  return { loss, gradient: errors.map((error) => (error > 0 ? -quantile : 1 - quantile) / errors.length) }
}

/** The service computes the outputs, the program their loss and its gradient, and the service carries that back. */
const ownLoss = async (steps = 6) => {
  const trainer = await client.trainers.create({ ...config, optimizer: { type: 'adam', learningRate: 0.8 } })
  const features = Array.from({ length: 20 }, (_, row) => [Math.sin(row), Math.cos(2 * row)])
  const labels = features.map(([a, b], row) => 2 * a - 3.4 * b + 4.2 + Math.sin(7 * row))
  for (let step = 1; step <= steps; step++) {
    const forward = await trainer.forward({ features })
    const { loss, gradient } = quantileLoss(forward.outputs.values, labels)
    if (step === 1 || step === steps) console.log(`step ${step}, quantile loss ${loss.toFixed(4)}`)
    await trainer.zeroGradients()
    await trainer.backward(forward, gradient)
    await trainer.step()
  }
  await trainer.delete()
}

/** Lion: the sign of a moving mean of the gradients. */
const ownOptimizer = async (steps = 12, beta1 = 0.9, beta2 = 0.99) => {
  const trainer = await client.trainers.create(config)
  const means = new Map(trainer.data.parameters.map(({ name, shape }) => [name, new Float64Array(shape.reduce((a, b) => a * b, 1))]))
  for (let index = 0; index < steps; index++) {
    const batch = { type: 'batch', size: 50, epoch: 1, index }
    const [, , , { gradients }] = await trainer.run([...gradientsOf(batch), { type: 'gradients' }])
    const rate = 1.1 * 0.8 ** index
    const deltas = {}
    for (const { name, values } of gradients) {
      const mean = means.get(name)
      deltas[name] = values.map((gradient, at) => -rate * Math.sign(beta1 * mean[at] + (1 - beta1) * gradient))
      for (const [at, gradient] of values.entries()) mean[at] = beta2 * mean[at] + (1 - beta2) * gradient
    }
    await trainer.update(deltas)
  }
  console.log(`Lion after ${steps} steps: loss ${(await trainer.evaluate()).loss.toFixed(4)}`)
  await trainer.delete()
}

/** A step at each learning rate, every one greater than the last: all in one request. */
const rangeTest = async () => {
  const trainer = await client.trainers.create(config)
  const rows = Array.from({ length: 50 }, (_, row) => row)
  const rates = Array.from({ length: 40 }, (_, index) => 1e-4 * 1.35 ** index)
  const steps = rates.flatMap((learningRate) => [...gradientsOf({ type: 'batch', rows }), { type: 'step', learningRate }])
  const results = await trainer.run(steps)
  const losses = results.filter(({ type }) => type === 'forwardBackward').map(({ loss }) => Number(loss))
  const best = losses.indexOf(Math.min(...losses))
  console.log(
    `range test: loss least at rate ${rates[best].toFixed(3)}, and ${losses.at(-1).toExponential(0)} at ${rates.at(-1).toFixed(0)}`,
  )
  await trainer.delete()
}

/** Gradients add up until they are forgotten: four small batches make the step of a large one. */
const accumulation = async () => {
  const trainer = await client.trainers.create({ ...config, optimizer: sgd(0.03) })
  const rows = Array.from({ length: 40 }, (_, row) => row)
  await trainer.save('start')
  await trainer.trainStep({ rows })
  const large = await trainer.parameters()
  await trainer.load('start')
  for (const part of [0, 1, 2, 3]) await trainer.forwardBackward({ rows: rows.slice(10 * part, 10 * (part + 1)) })
  // Each loss is the mean of its rows, so the sum is four times too large.
  await trainer.step({ learningRate: 0.03 / 4 })
  const small = await trainer.parameters()
  const differences = Object.entries(large).flatMap(([name, { values }]) =>
    [...values].map((value, at) => Math.abs(value - small[name].values[at])),
  )
  console.log(`accumulation: ${Math.max(...differences) < 1e-5 ? 'four batches of 10 step as one of 40' : 'the steps differ'}`)
  await trainer.delete()
}

/** Steps that name the parameters of the last layer leave the first as it is. */
const freezing = async () => {
  const layers = [
    { type: 'dense', units: 8, activation: 'relu' },
    { type: 'dense', units: 1 },
  ]
  const trainer = await client.trainers.create({ ...config, model: { layers }, optimizer: sgd(0.03) })
  const before = await trainer.parameters()
  const step = { type: 'step', names: ['layers.1.weight', 'layers.1.bias'] }
  const { meanLoss } = await trainer.repeat(100, [...gradientsOf({ type: 'batch', size: 10 }), step])
  const after = await trainer.parameters()
  const changed = Object.keys(after).filter((name) => after[name].values.some((value, at) => value !== before[name].values[at]))
  console.log(`freezing: mean loss ${meanLoss.toFixed(2)}, changed ${changed.join(', ')}`)
  await trainer.delete()
}

for (const train of [fromScratch, ownLoss, ownOptimizer, rangeTest, accumulation, freezing]) await train()
