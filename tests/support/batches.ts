/** What workers write about a job, for tests of the rows alone. */
import { randomUUID } from 'node:crypto'
import type { EngineState, EpochReport } from '../../src/contracts/engine.ts'
import { unmeasured } from '../../src/contracts/epoch-columns.ts'
import type { Batch, Closing } from '../../src/features/jobs/lease.ts'

/** An epoch's report with a weight of which only the norm is kept. */
export const report = (epoch: number, loss = 0.5): EpochReport => ({
  ...unmeasured,
  epoch,
  loss,
  batchLoss: 0.25,
  learningRate: 0.03,
  gradientNorm: 1.5,
  seconds: 0.125,
  metrics: {},
  gradients: [{ name: 'layers.0.weight', shape: [2, 1], values: new Float32Array([1, -2]), norm: 2.236 }],
  weights: [{ name: 'layers.0.weight', shape: [2, 1], values: null, norm: 5 }],
  diverged: false,
  finished: false,
})
/** A checkpoint that names its epoch. */
export const stateAfter = (epoch: number): EngineState => ({
  epoch,
  step: 7,
  tensors: [
    { name: 'layers.0.weight', shape: [2, 1], values: new Float32Array([0.1, epoch]) },
    { name: 'count', shape: [], values: new Float32Array([-0]) },
  ],
  training: { lossTotal: 'NaN', schedule: { best: null } },
})
/** A batch that writes nothing but what is given. */
export const batch = (parts: Partial<Batch> = {}): Batch => ({
  id: randomUUID(),
  epochs: [],
  state: null,
  fraction: 0,
  engine: null,
  events: [],
  closing: null,
  ...parts,
})
/** How a job ends well. */
export const success = { to: 'succeeded', result: { loss: 1, epochs: 1, seconds: 0 } } as const satisfies Closing
/** What a worker writes when its child died. */
export const crash = (): Batch => batch({ closing: { to: 'queued', reason: 'died', crashed: true } })
