/**
 * Entry of the child that has a worker's trainers open: many at a time, whose operations take turns. It is started with the first of
 * them, and its backend is that of the training children.
 */
import type { TrainerOperation } from '../../src/api/trainer-operations.schema.ts'
import type { TrainingData } from '../../src/contracts/engine.ts'
import { Problem } from '../../src/contracts/error-codes.ts'
import type { Plan } from '../../src/contracts/plan.ts'
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
import type { TrainerMethods } from './protocol.ts'

const name = backendNames.find((known) => known === process.argv[2])
if (!name) throw new Error(`the backend must be one of ${backendNames.join(', ')}`)
const trainers = createTrainers(await loadBackend(name))

/** Trainers whose rows come; those without a dataset have nothing that takes them. */
type Loading = { plan: Plan; materializer: Materializer | undefined }
const loading = new Map<string, Loading>()
const open = new Map<string, Trainer>()

const trainerOf = (id: string): Trainer => {
  const trainer = open.get(id)
  if (!trainer) throw new Error(`trainer ${id} is not open here`)
  return trainer
}

const close = (id: string): void => {
  loading.delete(id)
  open.get(id)?.close()
  open.delete(id)
}

const materializerOf = (plan: Plan, source: DataSource): Materializer =>
  source.kind === 'synthetic' ? materializeSynthetic(plan, source.spec) : createMaterializer(plan, source.width, source.recodes)

/** Rows, and the plan that they are trained by, as a job has them. */
const finish = ({ plan, materializer }: Loading): { plan: Plan; data: TrainingData | undefined } => {
  if (!materializer) return { plan, data: undefined }
  const data = materializer.finish()
  checkLabels(plan, data)
  return prepareData(plan, data)
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
    const trainer = trainers.open({ ...finish(loaded), state: state ?? undefined }, engine ?? undefined)
    open.set(id, trainer)
    return { engine: trainers.describe(trainer) }
  },
  run: async ({ id, operations, saved, checkpoints }) => {
    const trainer = trainerOf(id)
    const began = performance.now()
    try {
      const { results, ...performed } = await trainer.run(JSON.parse(operations) as TrainerOperation[], { saved, checkpoints })
      return { ok: true, ...performed, results: JSON.stringify(results), ms: performance.now() - began, engine: trainers.describe(trainer) }
    } catch (error) {
      if (error instanceof Problem) return { ok: false, problem: { code: error.code, detail: error.message, errors: error.errors } }
      // It may stand between two operations: whoever needs it opens it anew.
      close(id)
      throw error
    }
  },
  exportState: (id) => trainerOf(id).exportState(),
  close: (id) => {
    close(id)
    return null
  },
})
