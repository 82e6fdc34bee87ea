/** A trainer that makes the steps of a job ends with the bits of the job, on every engine that loads here. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { TrainerOperation } from '../../../../../src/api/trainer-operations.schema.ts'
import type { Engine, NamedTensor } from '../../../../../src/contracts/engine.ts'
import type { TrainerState } from '../../../../../src/contracts/trainer.ts'
import { type LoadedBackend, loadBackend } from '../../../../../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../../../../../workers/engine/eager/engine.ts'
import { createGraphEngine } from '../../../../../workers/engine/graph/engine.ts'
import { createTrainers, type Trainers } from '../../../../../workers/engine/trainer/create-trainers.ts'
import { loadingBackends } from '../../../../support/engine-backends.ts'
import { planJob } from '../../../../support/engine-jobs.ts'

const epochs = 2
const rows = 23
const size = 5
const job = {
  model: {
    layers: [
      { type: 'dense', units: 4, activation: 'tanh' },
      { type: 'batchNorm' },
      { type: 'dropout', p: 0.3 },
      { type: 'dense', units: 1 },
    ],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'adam', learningRate: 0.05 },
  training: { epochs, batchSize: size, seed: 7 },
}
const table = {
  features: Array.from({ length: rows }, (_, at) => [Math.sin(at), Math.cos(2 * at), at / rows]),
  labels: Array.from({ length: rows }, (_, at) => [Math.sin(3 * at)]),
}
const stepsPerEpoch = Math.ceil(rows / size)

const wholeStep = (batch: object): TrainerOperation[] =>
  [
    { type: 'batch', ...batch },
    { type: 'zeroGradients' },
    { type: 'forwardBackward', perExample: false },
    { type: 'step' },
  ] as TrainerOperation[]
const allSteps = Array.from({ length: epochs * stepsPerEpoch }, (_, at) =>
  wholeStep({ size, epoch: 1 + Math.floor(at / stepsPerEpoch), index: at % stepsPerEpoch }),
)

/** The requests of one client. */
const ways: Record<string, TrainerOperation[][]> = {
  'one request a step': allSteps,
  'all steps in one request': [allSteps.flat()],
  'one request an operation': allSteps.flatMap(
    ([batch, zero, pass, step]) => [[batch, zero, pass, step].slice(0, 3), [step]] as TrainerOperation[][],
  ),
  'a loop on the server': [[{ type: 'repeat', times: allSteps.length, operations: wholeStep({ size }) }] as TrainerOperation[]],
}

const known = { saved: {}, checkpoints: {}, tables: new Map() }

const modelOf = (tensors: readonly NamedTensor[]) =>
  tensors.filter(({ name }) => !name.startsWith('gradient/')).map(({ name, shape, values }) => ({ name, shape, values: [...values] }))

for (const name of await loadingBackends())
  for (const kind of name === 'tensorflow' ? (['eager', 'graph'] as const) : (['eager'] as const))
    describe(`${kind} on ${name}`, () => {
      let loaded: LoadedBackend
      let engine: Engine
      let trainers: Trainers
      before(async () => {
        loaded = await loadBackend(name)
        const eager = createEagerEngine(loaded)
        engine =
          kind === 'eager' || !loaded.native ? eager : createGraphEngine({ loaded, native: loaded.native, eager }, { compiledFrom: 0 })
        trainers = createTrainers(loaded)
      })

      const trainJob = async (request: object) => {
        const { plan, data } = planJob(request, table)
        const run = await engine.open(plan, data)
        for (let epoch = 0; epoch < epochs; epoch += 1) {
          while (!(await run.run(3)).epochEnded);
          await run.evaluate()
        }
        const { tensors } = await run.exportState()
        await run.close()
        return modelOf(tensors)
      }

      const drive = async (requests: readonly TrainerOperation[][], { restarts = false, request = job as object } = {}) => {
        const { plan, data } = planJob(request, table)
        let state: TrainerState | undefined
        let trainer = trainers.open({ plan, data }, kind)
        for (const operations of requests) {
          if (restarts && state) {
            trainer.close()
            trainer = trainers.open({ plan, data, state: structuredClone(state) }, kind)
          }
          await trainer.run(operations, known)
          state = structuredClone(trainer.exportState())
        }
        trainer.close()
        return state
      }

      // Apart, operations are executed one by one: on a compiled engine only whole steps have its bits.
      for (const [way, requests] of Object.entries(ways))
        if (kind === 'eager' || way !== 'one request an operation')
          it(`${way} ends with the bits of the job, opened anew after every request or not`, async () => {
            const expected = await trainJob(job)
            for (const restarts of [false, true]) {
              const held = loaded.countTensors()
              const state = await drive(requests, { restarts })
              assert.deepEqual(modelOf(state?.tensors ?? []), expected)
              assert.equal(state?.standing.version, allSteps.length)
              if (kind === 'eager') assert.equal(loaded.countTensors(), held, 'no tensor is left behind')
            }
          })

      it('trainers that take turns have the bits of their own jobs each', async () => {
        // More turns than graphs change hands before there is one more.
        const jobs = Array.from({ length: 16 }, (_, at) => ({ ...job, training: { ...job.training, seed: 7 + at } }))
        const expected = []
        for (const one of jobs) expected.push(await trainJob(one))
        const steps = [{ type: 'repeat', times: 2, operations: wholeStep({ size }) }] as TrainerOperation[]
        const all = jobs.map((one) => trainers.open(planJob(one, table), kind))
        for (let turn = 0; turn < allSteps.length / 2; turn += 1) await Promise.all(all.map((trainer) => trainer.run(steps, known)))
        assert.deepEqual(
          all.map((trainer) => modelOf(trainer.exportState().tensors)),
          expected,
        )
        for (const trainer of all) trainer.close()
      })

      it('clipping in between is the clipping of the job', async () => {
        const clipped = { ...job, gradientClipping: { norm: 0.01 } }
        const requests = allSteps.map((step) => step.toSpliced(3, 0, { type: 'clip', norm: 0.01 }))
        const state = await drive(requests as TrainerOperation[][])
        assert.deepEqual(modelOf(state?.tensors ?? []), await trainJob(clipped))
      })

      it('the gradients of a loss that the client computes are those of the same loss here', async () => {
        const { plan, data } = planJob(job, table)
        const ask = async (operations: object[]) => {
          const trainer = trainers.open({ plan, data }, kind)
          try {
            const first = await trainer.run(operations.slice(0, 2) as TrainerOperation[], known)
            const outputs = (first.results[1] as { outputs?: { shape: number[]; values: number[] } }).outputs
            const labels = batchRows.map((row) => table.labels[row]?.[0] ?? 0)
            const gradient = outputs && {
              shape: outputs.shape,
              values: outputs.values.map((value, at) => (2 * (value - (labels[at] ?? 0))) / labels.length),
            }
            const rest = outputs ? [{ type: 'backward', outputGradients: gradient, ifVersion: 0 }] : []
            return await trainer.run([...rest, { type: 'gradients', reduce: 'full' }] as TrainerOperation[], known)
          } finally {
            trainer.close()
          }
        }
        const batchRows = [3, 1, 4, 15, 9]
        const batch = { type: 'batch', rows: batchRows }
        const own = await ask([batch, { type: 'forward', mode: 'training' }])
        const here = await ask([batch, { type: 'forwardBackward', perExample: false }])
        const valuesOf = ({ results }: typeof own) =>
          (results.flatMap(({ gradients = [] }) => gradients) as { values: number[] }[]).flatMap(({ values }) => values)
        const expected = valuesOf(here)
        assert.ok(expected.some((value) => Math.abs(value) > 1e-3))
        for (const [at, value] of valuesOf(own).entries()) assert.ok(Math.abs(value - (expected[at] ?? 0)) < 1e-6)
      })
    })
