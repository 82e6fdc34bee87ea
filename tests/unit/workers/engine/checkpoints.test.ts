import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EngineState } from '../../../../src/contracts/engine.ts'
import { warmStart } from '../../../../src/features/jobs/plan/warm-start.ts'
import { planJob, trainAll, withoutSeconds } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'
import { demanding, linearTable } from '../../../support/linear-jobs.ts'

/** Typed arrays come back from JSON as objects. */
const revive = (key: string, value: unknown): unknown => (key === 'values' ? Float32Array.from(Object.values(value as object)) : value)

describe('a job', async () => {
  await onEveryEngine((engine) => {
    it('a job goes on from a checkpoint at any step bit-identically', async () => {
      const job = planJob(demanding, linearTable(100))
      const whole = (await trainAll(engine(), job)).map(withoutSeconds)
      const { stepsPerEpoch } = job.plan
      for (const stop of [0, 1, stepsPerEpoch - 1, stepsPerEpoch, stepsPerEpoch + 2, 2 * stepsPerEpoch]) {
        const run = await engine().open(job.plan, job.data)
        let made = 0
        let ended = false
        while (made < stop) {
          if (ended) await run.evaluate()
          const before = made
          ended = (await run.run(1)).epochEnded
          made = before + 1
        }
        const state: EngineState = structuredClone(await run.exportState())
        await run.close()
        assert.equal(state.epoch * stepsPerEpoch + state.step, stop)
        const rest = await trainAll(engine(), job, { state: JSON.parse(JSON.stringify(state), revive) as EngineState, chunk: 3 })
        assert.deepEqual(rest.map(withoutSeconds), whole.slice(state.epoch), `from step ${stop}`)
      }
    })

    it('a job starts from the weights that another job left', async () => {
      const table = linearTable(60)
      const still = { ...demanding, optimizer: { type: 'adam', learningRate: 0 } }
      const other = await trainAll(engine(), planJob(demanding, table))
      const weights = (other.at(-1)?.weights ?? []).map(({ name, shape, values }) => ({
        name,
        shape,
        values: values ?? new Float32Array(),
      }))
      const job = planJob(still, table)
      const started = warmStart(job.plan, weights, { jobId: 'job_1' })
      assert.ok('value' in started)
      const [first] = await trainAll(engine(), job, { state: started.value, epochs: 1 })
      const parameters = new Set(job.plan.parameters.map(({ name }) => name))
      const valuesOf = (tensors: { name: string; values: Float32Array | null }[]) =>
        tensors.filter(({ name }) => parameters.has(name)).map(({ values }) => values)
      assert.deepEqual(valuesOf(first?.weights ?? []), valuesOf(weights))
    })

    it('a job goes on from a checkpoint after each epoch bit-identically', async () => {
      const job = planJob(demanding, linearTable(100))
      const whole = (await trainAll(engine(), job)).map(withoutSeconds)
      for (const epochs of [1, 2]) {
        const run = await engine().open(job.plan, job.data)
        for (let epoch = 0; epoch < epochs; epoch += 1) {
          await run.run(job.plan.stepsPerEpoch)
          await run.evaluate()
        }
        const state = await run.exportState()
        await run.close()
        assert.deepEqual((await trainAll(engine(), job, { state })).map(withoutSeconds), whole.slice(epochs))
      }
    })
  })
})
