/**
 * Entry of a training child: one process that holds TensorFlow and trains one job at a time for its worker. It has
 * loaded everything before it says that it is ready, so that no job waits for that.
 */
import type { EngineState, Run, TrainingData } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { createMaterializer, type Materializer, materializeSynthetic, unpackFloats, validationPlan } from '../dataset/materialize.ts'
import { backendNames } from '../engine/backends.ts'
import { createEngine } from '../engine/create-engine.ts'
import { loadBackend } from '../engine/load-backend.ts'
import { serveParent } from '../rpc/serve.ts'
import { advance, type Journey } from './advance.ts'
import { createPace, flopsPerStep } from './pace.ts'
import type { DataSource, TrainingMethods } from './protocol.ts'
import { warmUp } from './warm-up.ts'

const chunkMs = 200
const name = backendNames.find((known) => known === process.argv[2])
if (!name) throw new Error(`the backend must be one of ${backendNames.join(', ')}`)
const engine = createEngine(await loadBackend(name))
await warmUp(engine)

let loading: { plan: Plan; training: Materializer; validation?: Materializer } | undefined
let journey: Journey | undefined

const current = (): Journey => {
  if (!journey) throw new Error('no job is open')
  return journey
}

const start = (plan: Plan, run: Run, state: EngineState | null): Journey => ({
  run,
  pace: createPace({ targetMs: chunkMs, flops: flopsPerStep(plan) }),
  stepsPerEpoch: plan.stepsPerEpoch,
  epoch: state?.epoch ?? 0,
  step: state?.step ?? 0,
  lastEpochMs: 0,
  epochMs: 0,
})

const openRun = (plan: Plan, data: TrainingData, state: EngineState | null): Promise<Run> => engine.open(plan, data, state ?? undefined)

const materialize = (plan: Plan, source: DataSource): Materializer =>
  source.kind === 'synthetic' ? materializeSynthetic(plan, source.spec) : createMaterializer(plan, source.width)

serveParent<TrainingMethods>({
  begin: ({ plan, source }) => {
    loading = { plan, training: materialize(plan, source) }
    return null
  },
  beginValidation: ({ source }) => {
    if (!loading) throw new Error('no job was begun')
    loading.validation = materialize(validationPlan(loading.plan), source)
    return null
  },
  rows: (bytes) => {
    const materializer = loading?.validation ?? loading?.training
    materializer?.add(unpackFloats(bytes))
    return null
  },
  open: async ({ state }) => {
    if (!loading) throw new Error('no job was begun')
    const { plan, training, validation } = loading
    loading = undefined
    const data = training.finish()
    const run = await openRun(plan, validation ? { ...data, validation: validation.finish() } : data, state)
    journey = start(plan, run, state)
    return { engine: engine.describe(plan), warning: run.warning ?? null }
  },
  advance: (request) => advance(current(), request),
  exportState: () => current().run.exportState(),
  close: async () => {
    loading = undefined
    const { run } = journey ?? {}
    journey = undefined
    await run?.close()
    return { rss: process.memoryUsage.rss() }
  },
})
