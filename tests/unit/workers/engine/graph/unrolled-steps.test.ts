/** Small steps go several to a round of the loop: no bit may show where a round was cut. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { optimizerCatalog } from '../../../../../src/catalog/optimizers/all-optimizers.ts'
import { loadBackend } from '../../../../../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../../../../../workers/engine/eager/engine.ts'
import { planComputation } from '../../../../../workers/engine/graph/computation-of-plan.ts'
import { createGraphEngine } from '../../../../../workers/engine/graph/engine.ts'
import { unrolledSteps } from '../../../../../workers/engine/graph/unrolled-steps.ts'
import { planJob, trainAll, withoutSeconds } from '../../../../support/engine-jobs.ts'
import { linear, linearTable } from '../../../../support/linear-jobs.ts'
import { onNative } from '../../../../support/native.ts'

const rows = 475
const training = { epochs: 2, batchSize: 10, seed: 5 }
const twoLayers = {
  layers: [
    { type: 'dense', units: 4, activation: 'tanh' },
    { type: 'dense', units: 1 },
  ],
}
/** Losses of very different sizes, whose sum depends on its order. */
const wild = (table: ReturnType<typeof linearTable>) => ({
  ...table,
  labels: table.labels.map(([y = 0], row) => [y * 10 ** ((row % 13) - 6)]),
})

await onNative('steps that go several to a round', (native) => {
  const openEngine = async ({ unrolled }: { unrolled: boolean }) => {
    const loaded = await loadBackend('tensorflow')
    return createGraphEngine(
      { loaded, native: native(), eager: createEagerEngine(loaded) },
      { compiledFrom: 0, unrolledFrom: unrolled ? 0 : Number.POSITIVE_INFINITY },
    )
  }
  const same = async (job: ReturnType<typeof planJob>): Promise<void> => {
    assert.ok(unrolledSteps(job.plan, Math.floor(rows / training.batchSize)) > 1)
    const one = (await trainAll(await openEngine({ unrolled: false }), job)).map(withoutSeconds)
    const engine = await openEngine({ unrolled: true })
    for (const chunk of [1000, 13])
      assert.deepEqual((await trainAll(engine, job, { chunk })).map(withoutSeconds), one, `chunks of ${chunk}`)
    assert.equal(engine.describe(job.plan).name, 'graph', 'the graph was refused')
  }

  for (const type of Object.keys(optimizerCatalog))
    it(`steps that go several to a round leave the bits of steps one by one under ${type}`, async () => {
      const more = { optimizer: { type, learningRate: 0.01, weightDecay: 0.1 }, gradientClipping: { norm: 1 } }
      await same(planJob({ ...linear, ...more, model: twoLayers, training }, linearTable(rows)))
    })

  it('steps that go several to a round leave the bits of steps one by one under momentum, and add losses of all sizes in the same order', async () => {
    const optimizer = { type: 'sgd', learningRate: 1e-9, momentum: 0.9, nesterov: true, weightDecay: 0.1 }
    await same(planJob({ ...linear, optimizer, training }, wild(linearTable(rows))))
  })

  /** An engine, and how many graphs it has made so far; a shape gets rounds once three jobs like `job` are over. */
  const openCounting = async (job: ReturnType<typeof planJob>) => {
    const loaded = await loadBackend('tensorflow')
    const made = { graphs: 0 }
    const computationOf: typeof planComputation = (...args) => {
      made.graphs += 1
      return planComputation(...args)
    }
    const unrolledFrom = 2.5 * training.epochs * job.plan.stepsPerEpoch
    return {
      made,
      engine: createGraphEngine({ loaded, native: native(), eager: createEagerEngine(loaded) }, { unrolledFrom, computationOf }),
    }
  }
  /** As many turns of the event loop as the parts of getting a graph ready may need. */
  const idle = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await turn()
  }

  it('many small jobs of a shape get a graph with rounds between two of them: no job waits for it, and the bits stay', async () => {
    const job = planJob({ ...linear, training }, linearTable(rows))
    const { engine, made } = await openCounting(job)
    const first = (await trainAll(engine, job)).map(withoutSeconds)
    await idle()
    await trainAll(engine, job)
    await idle()
    assert.equal(made.graphs, 1)
    const run = await engine.open(job.plan, job.data)
    await run.run(1000)
    assert.equal(made.graphs, 1, 'a job waited for a graph that later ones need')
    await run.close()
    await idle()
    assert.equal(made.graphs, 2, 'no graph with rounds was made ready')
    assert.deepEqual((await trainAll(engine, job)).map(withoutSeconds), first)
    await idle()
    assert.equal(made.graphs, 2, 'the next job did not find the graph')
  })

  it('a job that comes while the graph with rounds is made ready trains on the one that is there', async () => {
    const job = planJob({ ...linear, training }, linearTable(rows))
    const { engine, made } = await openCounting(job)
    const first = (await trainAll(engine, job)).map(withoutSeconds)
    for (let jobs = 0; jobs < 2; jobs += 1) await trainAll(engine, job)
    await turn()
    for (let jobs = 0; jobs < 2; jobs += 1) {
      assert.deepEqual((await trainAll(engine, job)).map(withoutSeconds), first)
      await turn()
    }
    await idle()
    assert.equal(made.graphs, 2)
  })

  it('a job that is long by itself gets its rounds at once', async () => {
    const job = planJob({ ...linear, training }, linearTable(rows))
    const { engine, made } = await openCounting(job)
    const long = planJob({ ...linear, training: { ...training, epochs: 6 } }, linearTable(rows))
    await trainAll(engine, long)
    assert.equal(made.graphs, 1)
    await trainAll(engine, long)
    await idle()
    assert.equal(made.graphs, 1)
  })
})

describe('the steps of a round', () => {
  it('divide an epoch if they can, and are one where steps are large, few or draw random numbers', () => {
    const of = (request: object, fullBatches: number) => unrolledSteps(planJob(request, linearTable(40)).plan, fullBatches)
    const dropping = {
      layers: [
        { type: 'dense', units: 4 },
        { type: 'dropout', p: 0.5 },
      ],
    }
    assert.deepEqual(
      [100, 36, 37, 31].map((batches) => of(linear, batches)),
      [10, 12, 8, 1],
    )
    assert.equal(
      of(
        {
          ...linear,
          model: {
            layers: [
              { type: 'dense', units: 1000 },
              { type: 'dense', units: 1 },
            ],
          },
        },
        100,
      ),
      1,
    )
    assert.equal(of({ ...linear, model: { layers: [...dropping.layers.slice(1), { type: 'dense', units: 1 }] } }, 100), 1)
  })
})
