/** Trainers of a process take turns within one operation, and while a request is looked at; what they answer is the same. */
import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import type { TrainerOperation } from '../../../../../src/api/trainer-operations.schema.ts'
import { loadBackend } from '../../../../../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../../../../../workers/engine/eager/engine.ts'
import { createTrainers } from '../../../../../workers/engine/trainer/create-trainers.ts'
import { planJob, trainAll } from '../../../../support/engine-jobs.ts'

const loaded = await loadBackend('wasm')
const trainers = createTrainers(loaded)

const tableOf = (rows: number) => ({
  features: Array.from({ length: rows }, (_, at) => [Math.sin(at), Math.cos(2 * at), at / rows]),
  labels: Array.from({ length: rows }, (_, at) => [Math.sin(3 * at)]),
})
/** With these widths a slice of an evaluation has 63 rows. */
const wide = [512, 512]
const jobOf = (widths: number[]) => ({
  model: { layers: [...widths, 1].map((units) => ({ type: 'dense', units, activation: 'tanh' })) },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.01 },
  metrics: ['mae', 'rmse', 'r2'],
  training: { epochs: 1, batchSize: 200, seed: 3 },
})
const open = (widths: number[], rows = 400) => trainers.open(planJob(jobOf(widths), tableOf(rows)), 'eager')
const known = { saved: {}, checkpoints: {}, tables: new Map() }
const asOperations = (operations: object[]) => operations as TrainerOperation[]
const evaluation = asOperations([{ type: 'evaluate', metrics: ['mae', 'rmse', 'r2'] }])
const short = asOperations([{ type: 'zeroGradients' }])

/** In which order requests of two trainers are over, the first of which was asked first, if each turn ends with the next look at the clock. */
const orderOf = async (first: readonly TrainerOperation[], second: readonly TrainerOperation[]) => {
  let now = 0
  mock.method(performance, 'now', () => {
    now += 1000
    return now
  })
  const [one, other] = [open(wide), open([2])]
  const over: string[] = []
  try {
    await Promise.all([
      one.run(first, known).then(
        () => over.push('first'),
        (error) => over.push(`first: ${error.code}`),
      ),
      other.run(second, known).then(() => over.push('second')),
    ])
  } finally {
    one.close()
    other.close()
    mock.restoreAll()
  }
  return over
}

describe('trainers of a process', { timeout: 60_000 }, () => {
  it('do not wait for the end of an evaluation', async () => {
    assert.deepEqual(await orderOf(evaluation, short), ['second', 'first'])
  })

  it('do not wait until all rounds of a request are looked at, and what is wrong in it is found', async () => {
    const rounds = asOperations([
      { type: 'repeat', times: 1000, operations: short },
      { type: 'load', name: 'nothing' },
    ])
    assert.deepEqual(await orderOf(rounds, short), ['second', 'first: VALIDATION_FAILED'])
  })
})

describe('an evaluation', { timeout: 60_000 }, () => {
  /** Loss and metrics after an epoch: of the job, and of a trainer that made its steps. */
  const measured = async (widths: number[]) => {
    const { plan, data } = planJob(jobOf(widths), tableOf(400))
    const [report] = await trainAll(createEagerEngine(loaded), { plan, data })
    const trainer = trainers.open({ plan, data }, 'eager')
    const step = [{ type: 'batch', size: 200 }, { type: 'zeroGradients' }, { type: 'forwardBackward', perExample: false }, { type: 'step' }]
    const { results } = await trainer.run(asOperations([...step, ...step, ...evaluation]), known)
    trainer.close()
    return { report, told: results.at(-1) as unknown as { loss: number; metrics: { rmse: number } } }
  }

  it('has the bits of the job where all rows are one slice', async () => {
    const { report, told } = await measured([2])
    assert.equal(told.loss, report?.loss)
  })

  it('in many slices gives the loss of the job but for the last digits', async () => {
    const { report, told } = await measured(wide)
    const expected = Number(report?.loss)
    assert.ok(Math.abs(told.loss / expected - 1) < 1e-5, `${told.loss}, ${expected}`)
    assert.ok(Math.abs(told.metrics.rmse ** 2 / expected - 1) < 1e-5)
  })

  it('leaves no tensor behind, ended by a close in between or not', async () => {
    const held = loaded.countTensors()
    const one = open(wide)
    await one.run(evaluation, known)
    one.close()
    assert.equal(loaded.countTensors(), held)
    const other = open(wide, 4000)
    const ended = assert.rejects(other.run(evaluation, known), /closed/)
    setImmediate(other.close)
    await ended
    assert.equal(loaded.countTensors(), held)
  })
})
