import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadBackend } from '../../../../../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../../../../../workers/engine/eager/engine.ts'
import { planComputation } from '../../../../../workers/engine/graph/computation-of-plan.ts'
import { createGraphEngine } from '../../../../../workers/engine/graph/engine.ts'
import { UntraceableError } from '../../../../../workers/engine/graph/trace.ts'
import { planJob, trainAll, withoutSeconds } from '../../../../support/engine-jobs.ts'
import { onNative } from '../../../../support/native.ts'

const table = (rows: number) => ({
  features: Array.from({ length: rows }, (_, row) => [Math.sin(row), Math.cos(row * 2)]),
  labels: Array.from({ length: rows }, (_, row) => [Math.sin(row) - 2 * Math.cos(row * 2)]),
})

const job = (rows: number, epochs: number, more: object = {}) =>
  planJob(
    {
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', learningRate: 0.1 },
      training: { epochs, batchSize: 10, seed: 1 },
      ...more,
    },
    table(rows),
  )

await onNative('the engine of compiled graphs', (native) => {
  const collaborators = async () => {
    const loaded = await loadBackend('tensorflow')
    return { loaded, native: native(), eager: createEagerEngine(loaded) }
  }

  it('the graph engine compiles what is long enough, by the config alone', async () => {
    const engine = createGraphEngine(await collaborators())
    const [long, short] = [job(1000, 3), job(50, 3)]
    assert.equal(engine.describe(long.plan).name, 'graph')
    assert.equal(engine.describe(short.plan).name, 'eager')
    await trainAll(engine, long)
    assert.equal(engine.describe(short.plan).name, 'eager')
    assert.equal(engine.describe(long.plan).name, 'graph')
  })

  it('the graph engine gives a second job on a kept graph the bits of the first, whatever ran on it in between', async () => {
    const engine = createGraphEngine(await collaborators(), { compiledFrom: 0 })
    const first = await trainAll(engine, job(100, 3))
    await trainAll(engine, job(100, 5, { optimizer: { type: 'sgd', learningRate: 0.7 } }))
    const again = await trainAll(engine, job(100, 3))
    assert.deepEqual(again.map(withoutSeconds), first.map(withoutSeconds))
  })

  it('the graph engine compiles once what differs in initial values and in the order of its options only', async () => {
    let compiled = 0
    const engine = createGraphEngine(await collaborators(), {
      compiledFrom: 0,
      computationOf: (...parts) => {
        compiled += 1
        return planComputation(...parts)
      },
    })
    const layer = { type: 'dense', units: 1, activation: 'linear', bias: true }
    const layers = [layer, Object.fromEntries(Object.entries(layer).reverse()), { ...layer, weightInitializer: { type: 'ones' } }]
    const losses = []
    for (const each of layers) losses.push((await trainAll(engine, job(100, 1, { model: { layers: [each] } })))[0]?.loss)
    assert.equal(compiled, 1)
    assert.equal(losses[1], losses[0])
    assert.notEqual(losses[2], losses[0])
  })

  it('the graph engine keeps two runs of the same shape apart', async () => {
    const engine = createGraphEngine(await collaborators(), { compiledFrom: 0 })
    const { plan, data } = job(100, 2)
    const alone = await trainAll(engine, { plan, data })
    const [one, other] = [await engine.open(plan, data), await engine.open(plan, data)]
    await one.run(7)
    await other.run(10)
    await one.run(3)
    const reports = [await one.evaluate(), await other.evaluate()]
    await one.close()
    await other.close()
    assert.equal(reports[0]?.loss, alone[0]?.loss)
    assert.equal(reports[1]?.loss, alone[0]?.loss)
  })

  it('the graph engine runs what it cannot trace operation by operation, and says why', async () => {
    const refuse = () => {
      throw new UntraceableError('it reads a tensor')
    }
    const engine = createGraphEngine(await collaborators(), { compiledFrom: 0, computationOf: refuse })
    const { plan, data } = job(100, 2)
    const run = await engine.open(plan, data)
    assert.match(run.warning ?? '', /operation by operation: it reads a tensor/)
    assert.equal(engine.describe(plan).name, 'eager')
    await run.close()
    const compiled = await trainAll(createGraphEngine(await collaborators(), { compiledFrom: 0 }), { plan, data })
    const eager = await trainAll(engine, { plan, data })
    assert.ok(Math.abs((compiled[1]?.loss ?? 0) / (eager[1]?.loss ?? 1) - 1) < 1e-5)
  })
})
