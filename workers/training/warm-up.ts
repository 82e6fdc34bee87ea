/** Trains a small job that nobody asked for, so that the first real one meets compiled code and filled caches. */

import type { JobConfig } from '../../src/api/job-config.schema.ts'
import type { Engine } from '../../src/contracts/engine.ts'
import { describeSynthetic } from '../../src/features/datasets/generators/generate.ts'
import { makePlan } from '../../src/features/jobs/plan/make-plan.ts'
import { materializeSynthetic } from '../dataset/materialize.ts'

const synthetic = { kind: 'linear' as const, weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 }

const dense = {
  type: 'dense' as const,
  units: 1,
  activation: 'linear' as const,
  bias: true,
  weightInitializer: { type: 'normal' as const, mean: 0, std: 0.01 },
  biasInitializer: { type: 'zeros' as const },
}

const config: JobConfig = {
  dataset: { synthetic },
  model: { layers: [dense] },
  loss: { type: 'mse', reduction: 'mean' },
  optimizer: { type: 'sgd', learningRate: 0.03, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  training: { epochs: 2, batchSize: 10, shuffle: true, dropLast: false, validationSplit: 0, seed: 1 },
  metrics: [],
  record: { gradients: 'full', weights: 'last' },
  metadata: {},
  priority: 0,
  device: 'any',
}

/** A linear regression on the engine, from opening to closing. */
export const warmUp = async (engine: Engine): Promise<void> => {
  const { columns, rows } = describeSynthetic(synthetic)
  const made = makePlan(config, { columns, rows, inputShape: [] })
  if (!('value' in made)) throw new Error('the job of the warm-up cannot be planned')
  const { value: plan } = made
  const run = await engine.open(plan, materializeSynthetic(plan, synthetic).finish())
  for (let epoch = 0; epoch < config.training.epochs; epoch++) {
    await run.run(plan.stepsPerEpoch)
    await run.evaluate()
  }
  await run.exportState()
  await run.close()
}
