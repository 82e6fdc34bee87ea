/** What tests of the page look at, and how. */
import type { BrowserContextOptions } from 'playwright-core'

/** Three epochs of everything that a job can record. */
export const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  metrics: ['mae'],
  training: { epochs: 3, batchSize: 10, seed: 1, validationSplit: 0.2 },
  record: { gradients: 'full', weights: 'everyEpoch' },
}
/** Trains until it is told not to. */
export const endless = { ...config, training: { ...config.training, epochs: 1_000_000 }, record: { gradients: 'norm' } }

/** Widths of windows; both themes are looked at in each. */
export const looks: [string, BrowserContextOptions][] = [
  ['wide', { viewport: { width: 1280, height: 900 } }],
  ['narrow', { viewport: { width: 390, height: 800 } }],
]
