/** What must be the same to the bit, however often a job was interrupted. */
import type { Database } from '../../src/platform/db/database-client.ts'
import { notebook } from './worker.ts'

/** Two layers under Adam, shuffled, with a ragged last batch: parameters, slots and streams all have to survive. */
export const interruptible = (training: object = {}) =>
  notebook({
    dataset: { synthetic: { kind: 'linear', weights: [2, -3.4, 0.7], bias: 4.2, examples: 503, noiseStd: 0.01, seed: 5 } },
    model: {
      layers: [
        { type: 'dense', units: 8, activation: 'tanh' },
        { type: 'dense', units: 1 },
      ],
    },
    optimizer: { type: 'adam', learningRate: 0.002 },
    training: { epochs: 24, batchSize: 10, seed: 9, ...training },
  })

/** One epoch of a hundred thousand steps: long enough to be stopped in the middle. */
export const endless = () =>
  notebook({
    dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100_000, noiseStd: 0.01, seed: 1 } },
    training: { epochs: 1, batchSize: 1, seed: 1 },
  })

/** Losses, gradients and weights of every epoch; `seconds` may differ, nothing else. */
export const traceOf = async ({ prisma }: Database, jobId: string) => ({
  epochs: await prisma.epoch.findMany({ where: { jobId }, orderBy: { epoch: 'asc' }, omit: { jobId: true, seconds: true } }),
  tensors: (
    await prisma.tensor.findMany({
      where: { jobId },
      orderBy: [{ epoch: 'asc' }, { kind: 'asc' }, { position: 'asc' }],
      omit: { jobId: true },
    })
  ).map(({ values, ...tensor }) => ({ ...tensor, values: values && Buffer.from(values).toString('hex') })),
})
