import { describe, it } from 'node:test'
import type { EpochReport, RecordedTensor } from '../../../../src/contracts/engine.ts'
import { assertClose } from '../../../support/close.ts'
import { planJob, trainAll } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'
import { ours, type ReferenceRun, readReferenceRuns, requestOf, tableOf } from '../../../support/reference-runs.ts'

const valuesOf = (tensors: RecordedTensor[], name: string): Float32Array =>
  tensors.find((tensor) => tensor.name === name)?.values ?? new Float32Array()

const assertSameRun = (reports: EpochReport[], run: ReferenceRun): void => {
  const losses = reports.map(({ loss }) => loss)
  assertClose(
    losses,
    run.epochs.map(({ loss }) => loss),
    1e-4,
    'losses',
  )
  const rates = reports.map(({ learningRate }) => learningRate)
  assertClose(
    rates,
    run.epochs.map(({ learningRate }) => learningRate),
    1e-6,
    'learning rates',
  )
  for (const [at, epoch] of run.epochs.entries()) {
    const { gradients = [], weights = [] } = reports[at] ?? {}
    for (const [name, tensor] of Object.entries(epoch.gradients)) {
      const expected = ours(run, name, tensor)
      assertClose(valuesOf(gradients, expected.name), expected.values, 1e-3, `epoch ${epoch.epoch}, gradient of ${expected.name}`)
    }
    for (const [name, tensor] of Object.entries(epoch.weights)) {
      const expected = ours(run, name, tensor)
      assertClose(valuesOf(weights, expected.name), expected.values, 1e-4, `epoch ${epoch.epoch}, ${expected.name}`)
    }
  }
}

describe('a training run equals PyTorch, epoch by epoch, in losses, gradients and weights', async () => {
  const runs = readReferenceRuns()
  await onEveryEngine((engine) => {
    for (const run of runs) {
      it(run.name, async () => {
        assertSameRun(await trainAll(engine(), planJob(requestOf(run), tableOf(run)), { chunk: 2 }), run)
      })
    }
  })
})
