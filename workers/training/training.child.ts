/**
 * Entry of a training child: one process that holds TensorFlow and trains one job at a time for its worker. It has
 * loaded everything before it says that it is ready, so that no job waits for that.
 */

import type { EngineState, Run, TrainingData } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { sizeOf } from '../../src/numerics/shape.ts'
import { unpackFloats } from '../../src/numerics/unpack-floats.ts'
import { createKeptTables } from '../dataset/kept-tables.ts'
import { checkLabels } from '../dataset/label-check.ts'
import { createMaterializer, type Materializer, materializeSynthetic, validationPlan } from '../dataset/materialize.ts'
import { backendNames } from '../engine/backends/backends.ts'
import { loadBackend } from '../engine/backends/load-backend.ts'
import { proveTraining } from '../engine/backends/native/proof.ts'
import { createEngine } from '../engine/create-engine.ts'
import { serveParent } from '../rpc/serve.ts'
import { advance, type JobRun } from './advance.ts'
import { collectGarbage } from './collect-garbage.ts'
import { createDeferredValues } from './deferred-values.ts'
import { createPace, flopsPerStep } from './pace.ts'
import type { AdvanceRequest, DataSource, Opened, Progress, TrainingMethods } from './protocol.ts'
import { createValueRun, type ValueRun } from './value-run.ts'
import { warmUp } from './warm-up.ts'

const chunkMs = 200
const name = backendNames.find((known) => known === process.argv[2])
if (!name) throw new Error(`the backend must be one of ${backendNames.join(', ')}`)
const backend = await loadBackend(name)
const engine = createEngine(backend)
await warmUp(engine)

/** Values up to this many bytes go into a message. */
const inlineBytes = Number(process.argv[3])
const deferred = createDeferredValues(inlineBytes)

/** Tables of earlier jobs. */
const tables = createKeptTables(Number(process.argv[4]))

let restoring: { state: EngineState; run: ValueRun } | undefined
let loading: { plan: Plan; training: Loading; validation?: Loading } | undefined
let jobRun: JobRun | undefined

const current = (): JobRun => {
  if (!jobRun) throw new Error('no job is open')
  return jobRun
}

const start = (plan: Plan, run: Run, state: EngineState | null): JobRun => ({
  run,
  pace: createPace({ targetMs: chunkMs, flops: flopsPerStep(plan) }),
  stepsPerEpoch: plan.stepsPerEpoch,
  epoch: state?.epoch ?? 0,
  step: state?.step ?? 0,
  lastEpochMs: 0,
  epochMs: 0,
})

const openRun = (plan: Plan, data: TrainingData, state: EngineState | null): Promise<Run> => engine.open(plan, data, state ?? undefined)

/** A table on its way into a job; `isHere`: its rows need not be sent. */
type Loading = { isHere: boolean; add: (rows: Uint8Array) => void; finish: Materializer['finish'] }

const load = (plan: Plan, source: DataSource): Loading => {
  if (source.kind === 'synthetic') return { isHere: true, add: () => {}, finish: materializeSynthetic(plan, source.spec).finish }
  const { add, finish } = createMaterializer(plan, source.width, source.recodes)
  const known = tables.get(source.datasetId)
  for (const rows of known ?? []) add(unpackFloats(rows))
  if (known) return { isHere: true, add: () => {}, finish }
  const collected = tables.collect(source.datasetId)
  return {
    isHere: false,
    add: (rows) => {
      collected.add(rows)
      add(unpackFloats(rows))
    },
    finish: () => {
      const data = finish()
      collected.finish()
      return data
    },
  }
}

const open = async (sent: EngineState | null): Promise<Opened> => {
  if (!loading) throw new Error('no job was begun')
  const { plan, training, validation } = loading
  const state = restoring?.state ?? sent
  loading = undefined
  restoring = undefined
  const rows = training.finish()
  const data = validation ? { ...rows, validation: validation.finish() } : rows
  checkLabels(plan, data)
  const run = await openRun(plan, data, state)
  collectGarbage(4 * plan.parameterCount)
  jobRun = start(plan, run, state)
  return { engine: engine.describe(plan), warning: run.warning ?? null }
}

const advanceRun = async (request: AdvanceRequest): Promise<Progress> => {
  collectGarbage(deferred.clear())
  const { epochs, state, ...progress } = await advance(current(), request)
  const sent = deferred.deferEpochs(epochs)
  return { ...progress, epochs: sent, state: state && deferred.deferState(state), recordBytes: deferred.recordBytes() }
}

const close = async (): Promise<{ rss: number }> => {
  loading = undefined
  restoring = undefined
  deferred.clear()
  const { run } = jobRun ?? {}
  jobRun = undefined
  await run?.close()
  return { rss: process.memoryUsage.rss() }
}

const openAndAdvance = async ({ state, advance: request }: { state: EngineState | null; advance: AdvanceRequest }) => {
  const opened = await open(state)
  const progress = await advanceRun(request)
  const isOver = progress.ended && deferred.isEmpty()
  return { wantsRows: false, opened, progress, ...(isOver ? await close() : {}) }
}

serveParent<TrainingMethods>({
  prove: () => {
    proveTraining(backend.tf)
    return { device: backend.device, version: backend.version }
  },
  begin: async ({ plan, source, goOn }) => {
    const training = load(plan, source)
    loading = { plan, training }
    return goOn && training.isHere ? openAndAdvance(goOn) : { wantsRows: !training.isHere }
  },
  beginValidation: ({ source }) => {
    if (!loading) throw new Error('no job was begun')
    const validation = load(validationPlan(loading.plan), source)
    loading.validation = validation
    return { wantsRows: !validation.isHere }
  },
  rows: (bytes) => {
    const table = loading?.validation ?? loading?.training
    table?.add(bytes)
    return null
  },
  beginRestore: ({ state: { layout, ...rest } }) => {
    const tensors = layout.map(({ name, shape }) => ({ name, shape, values: new Float32Array(sizeOf(shape)) }))
    restoring = { state: { ...rest, tensors }, run: createValueRun(tensors.map(({ values }) => values)) }
    return null
  },
  restore: ({ at, bytes }) => {
    restoring?.run.write(at, bytes)
    return null
  },
  open: ({ state }) => open(state),
  advance: advanceRun,
  exportState: async () => deferred.deferState(await current().run.exportState()),
  readDeferred: ({ run, at, length }) => deferred.read(run, at, length),
  close,
})
