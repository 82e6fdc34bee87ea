import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { planJob, trainAll } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'
import { assertSameNumbers } from '../../../support/same-number.ts'

type Clipped = { size: number; clipping: object | null; norm: number; gradient: number[]; weight: number[] }
type Optimized = { optimizer: string; options: object; size: number; weight: number[] }

const torch = JSON.parse(readFileSync(new URL('../../../fixtures/torch/clipping.json', import.meta.url), 'utf8')) as {
  clipping: Clipped[]
  optimizers: Optimized[]
}

/** One row whose features are the gradient: l1 far above its label. */
const jobOf = (size: number, more: object, epochs = 1) =>
  planJob(
    {
      model: { layers: [{ type: 'dense', units: 1, bias: false, weightInitializer: { type: 'constant', val: 0.5 } }] },
      loss: { type: 'l1' },
      optimizer: { type: 'sgd', learningRate: 0.1 },
      training: { epochs, batchSize: 1, seed: 1 },
      record: { gradients: 'full', weights: 'everyEpoch' },
      ...more,
    },
    { features: [[size, -size / 2, 0]], labels: [[-2e38]] },
  )

describe('gradients of any size', async () => {
  await onEveryEngine((engine) => {
    it('gradients of any size are clipped by the norm that they have, neither 0 nor infinite', async () => {
      for (const { size, clipping, norm, gradient, weight } of torch.clipping) {
        const name = `${size} ${JSON.stringify(clipping)}`
        const [report] = await trainAll(engine(), jobOf(size, clipping ? { gradientClipping: clipping } : {}))
        assert.ok(Math.abs((report?.gradientNorm ?? 0) / norm - 1) < 1e-5, `${name}: norm ${report?.gradientNorm}, expected ${norm}`)
        assertSameNumbers(report?.gradients[0]?.values ?? [], gradient, 1e-5, `${name} gradient`)
        assertSameNumbers(report?.weights[0]?.values ?? [], weight, 1e-5, `${name} weight`)
        const own = Math.hypot(...(report?.gradients[0]?.values ?? []))
        assert.ok(own > 0 && Math.abs((report?.gradients[0]?.norm ?? 0) / own - 1) < 1e-5, `${name}: recorded norm`)
      }
    })

    it("gradients of any size make the optimizers' steps that PyTorch makes of them, with any epsilon", async () => {
      for (const { optimizer, options, size, weight } of torch.optimizers) {
        const config = { optimizer: { type: optimizer, learningRate: 0.1, ...options } }
        const reports = await trainAll(engine(), jobOf(size, config, 2))
        assertSameNumbers(reports.at(-1)?.weights[0]?.values ?? [], weight, 1e-5, `${optimizer} ${JSON.stringify(options)} ${size}`)
      }
    })
  })
})
