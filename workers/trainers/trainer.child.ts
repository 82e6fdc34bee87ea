/**
 * Entry of the child that has a worker's trainers open: many at a time, whose operations take turns. It is started with the first of
 * them, and its backend is that of the training children.
 */
import type { TrainerOperation } from '../../src/api/trainer-operations.schema.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import { Problem } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../src/contracts/training-state.ts'
import { unpackFloats } from '../../src/numerics/unpack-floats.ts'
import { checkLabels } from '../dataset/label-check.ts'
import { createMaterializer, type Materializer, materializeSynthetic } from '../dataset/materialize.ts'
import { backendNames } from '../engine/backends/backends.ts'
import { loadBackend } from '../engine/backends/load-backend.ts'
import { prepareData } from '../engine/preprocessing/with-preprocessing.ts'
import { createTrainers } from '../engine/trainer/create-trainers.ts'
import type { Trainer } from '../engine/trainer/trainer.ts'
import { serveParent } from '../rpc/serve.ts'
import type { DataSource } from '../training/protocol.ts'
import type { TrainerGiven, TrainerMethods, TrainerOutcome, TrainerRequest, TrainerWants } from './protocol.ts'
import { readTables } from './read-tables.ts'
import type { Prepared } from './table-slices.ts'
import { startWanting, type Wanting } from './wanting.ts'

const name = backendNames.find((known) => known === process.argv[2])
if (!name) throw new Error(`the backend must be one of ${backendNames.join(', ')}`)
const trainers = createTrainers(await loadBackend(name))

/** A trainer with what its rows are prepared by, and its request as long as that is being done. */
type Opened = { trainer: Trainer; prepared: Prepared; request?: Wanting<TrainerWants, TrainerGiven, TrainerOutcome> | undefined }

/** Trainers whose rows come; those without a dataset have nothing that takes them. */
type Loading = { plan: Plan; materializer: Materializer | undefined }
const loading = new Map<string, Loading>()
const open = new Map<string, Opened>()

const openedOf = (id: string): Opened => {
  const opened = open.get(id)
  if (!opened) throw new Error(`trainer ${id} is not open here`)
  return opened
}

const close = (id: string): void => {
  loading.delete(id)
  const opened = open.get(id)
  open.delete(id)
  opened?.trainer.close()
  opened?.request?.end()
}

const materializerOf = (plan: Plan, source: DataSource): Materializer =>
  source.kind === 'synthetic' ? materializeSynthetic(plan, source.spec) : createMaterializer(plan, source.width, source.recodes)

/** Rows, and the plan that they are trained by, as a job has them. */
const finish = ({ plan, materializer }: Loading): { plan: Plan; data: TrainingData | undefined; learned?: LearnedStatistics } => {
  if (!materializer) return { plan, data: undefined }
  const data = materializer.finish()
  checkLabels(plan, data)
  return prepareData(plan, data)
}

/** Does a request; after any failure but one that it was refused for, whoever needs the trainer opens it anew. */
const perform = async (
  { id, operations: text, saved, checkpoints, isReplay }: TrainerRequest,
  opened: Opened,
  want: (wants: TrainerWants) => Promise<TrainerGiven>,
): Promise<TrainerOutcome> => {
  const { trainer, prepared } = opened
  const began = performance.now()
  const operations = JSON.parse(text) as TrainerOperation[]
  const tables = isReplay ? null : await readTables(operations, { ...prepared, want })
  try {
    const { results, ...performed } = await trainer.run(operations, { saved, checkpoints, tables: tables?.byName ?? null })
    return { ok: true, ...performed, results: JSON.stringify(results), ms: performance.now() - began, engine: trainers.describe(trainer) }
  } catch (error) {
    const begun = !(error instanceof Problem) || tables?.isRead() === true
    if (begun) close(id)
    if (!(error instanceof Problem)) throw error
    return { ok: false, begun, problem: { code: error.code, detail: error.message, errors: error.errors } }
  } finally {
    opened.request = undefined
  }
}

serveParent<TrainerMethods>({
  begin: ({ id, plan, source }) => {
    close(id)
    loading.set(id, { plan, materializer: source ? materializerOf(plan, source) : undefined })
    return { wantsRows: source?.kind === 'upload' }
  },
  rows: ({ id, bytes }) => {
    loading.get(id)?.materializer?.add(unpackFloats(bytes))
    return null
  },
  open: ({ id, state, engine }) => {
    const loaded = loading.get(id)
    if (!loaded) throw new Error(`trainer ${id} was not begun`)
    loading.delete(id)
    const { learned, ...finished } = finish(loaded)
    const trainer = trainers.open({ ...finished, state: state ?? undefined }, engine ?? undefined)
    open.set(id, { trainer, prepared: { plan: finished.plan, learned } })
    return { engine: trainers.describe(trainer) }
  },
  run: (request) => {
    const opened = openedOf(request.id)
    opened.request = startWanting((want) => perform(request, opened, want))
    return opened.request.first
  },
  give: ({ id, given }) => {
    const { request } = openedOf(id)
    if (!request) throw new Error(`trainer ${id} wants nothing`)
    return request.give(given)
  },
  exportState: (id) => openedOf(id).trainer.exportState(),
  close: (id) => {
    close(id)
    return null
  },
})
