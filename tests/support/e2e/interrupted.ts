/** A job long enough to be interrupted, and what must be the same to the bit however often it was. */
import assert from 'node:assert/strict'
import type { Api, Job } from './api.ts'
import { kill, type Running } from './processes.ts'
import type { Product } from './product.ts'

/** Two layers under Adam with a shuffled, ragged last batch: parameters, slots and streams all have to survive. */
export const longJob = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4, 0.7], bias: 4.2, examples: 12003, noiseStd: 0.01, seed: 5 } },
  model: {
    layers: [
      { type: 'dense', units: 8, activation: 'tanh' },
      { type: 'dense', units: 1 },
    ],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'adam', learningRate: 0.002 },
  training: { epochs: 60, batchSize: 10, seed: 9 },
  record: { gradients: 'full', weights: 'everyEpoch' },
}

/** Losses, gradients and weights of every epoch; `seconds` may differ, nothing else. */
export const trace = async (api: Api, id: string) => ({
  epochs: (await api.epochs(id)).map(({ seconds: _, ...row }) => row),
  gradients: await api.gradients(id),
  weights: await Promise.all([1, 30, 60].map(async (epoch) => (await api.weights(id, `?epoch=${epoch}`)).parameters)),
})

/** The training child or the worker among the product's processes. */
const role = {
  worker: (one: Running) => /workers[\\/]worker\.js/.test(one.command),
  child: (one: Running) => /workers[\\/]training[\\/][^ ]*\.js/.test(one.command),
}

export const processOf = (product: Product, name: keyof typeof role): number => {
  const found = product.processes().find(role[name])
  assert.ok(found, `there is a ${name} among ${JSON.stringify(product.processes(), null, 1)}`)
  return found.pid
}

/** Kills it as soon as the job has finished `epoch` epochs. */
export const killAt = async (product: Product, job: Job, epoch: number, name: keyof typeof role): Promise<void> => {
  const seen = await product.api.until(job.id, (now) => now.progress.epoch >= epoch)
  assert.equal(seen.status, 'running', 'the job must be long enough to be interrupted')
  kill(processOf(product, name))
}
