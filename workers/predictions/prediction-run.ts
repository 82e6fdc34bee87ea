/** One claimed prediction on the child: from the rows that are done to the last, a chunk at a time. */
import type { Plan } from '../../src/contracts/plan.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import type { LevelRepository } from '../../src/features/datasets/level.repository.ts'
import type { ModelRepository } from '../../src/features/inference/model.repository.ts'
import { planPredicted } from '../../src/features/jobs/plan/predicted-data.ts'
import { categoryPairs, recode } from '../../src/features/jobs/plan/recoding.ts'
import {
  type PredictionClaim,
  type PredictionWorkRepository,
  readStored,
} from '../../src/features/predictions/prediction-work.repository.ts'
import { sizeOf } from '../../src/numerics/shape.ts'
import { planOf } from '../plan-of.ts'
import type { Child } from '../rpc/child-host.ts'
import { withRetries } from '../training/retries.ts'
import type { PredictedSource, PredictionMethods } from './protocol.ts'
import { rowSlices } from './row-slices.ts'

export type PredictionParts = {
  work: Pick<PredictionWorkRepository, 'write' | 'othersWait'>
  models: ModelRepository
  chunks: Pick<ChunkRepository, 'stream'>
  levels: Pick<LevelRepository, 'read'>
}

/** How it came to stop: with its last row, because others wait or the worker closes, or because it is no longer this worker's. */
export type PredictionEnd = 'done' | 'turn' | 'lost'

/** How long it goes on while others wait. */
const turnMs = 5000

/** Rows of a chunk, and numbers that go into it and come out of it, at most. */
const maxRows = 16_384
const maxNumbersIn = 2 ** 20
const maxNumbersOut = 2 ** 18

/** @throws ChildGone, ChildFailure, and what the database throws */
export const runPrediction = async (
  parts: PredictionParts,
  claim: PredictionClaim,
  child: Child<PredictionMethods>,
  signal: AbortSignal,
): Promise<PredictionEnd> => {
  const { work } = parts
  const { plan, source, size, datasetId } = await prepare(parts, claim)
  const trained = await parts.models.trainedJob(claim.jobId, claim.askedEpoch ?? undefined)
  if (!trained) throw new Error(`job ${claim.jobId} has no weights any more`)
  const { epoch } = await child.call('open', { plan, state: trained.state, source, sums: claim.sums })
  const asked =
    source.kind === 'synthetic' ? stretches(claim, size) : slices(parts, { datasetId, width: source.width }, { from: claim.rowsDone, size })
  const progress = { rows: claim.rowsDone, index: claim.chunks }

  /** Predicts for some rows and writes it; false if that was in vain. */
  const advance = async ({ count, argument }: Asked): Promise<boolean> => {
    const start = performance.now()
    const { values, sums } = await child.call('predict', argument)
    progress.rows += count
    const isLast = progress.rows === claim.rows
    const result = isLast ? { result: await child.call('finish', null) } : {}
    const chunk = { index: progress.index, rows: count, values, sums, epoch, seconds: (performance.now() - start) / 1000, ...result }
    progress.index += 1
    return withRetries(() => work.write(claim, chunk))
  }

  let turnEndsAt = performance.now() + turnMs
  for await (const some of asked) {
    if (signal.aborted) return 'turn'
    if (!(await advance(some))) return 'lost'
    if (progress.rows === claim.rows) return 'done'
    if (performance.now() < turnEndsAt) continue
    if (await work.othersWait(claim)) return 'turn'
    turnEndsAt = performance.now() + turnMs
  }
  throw new Error(`dataset ${datasetId} gave ${progress.rows} of its ${claim.rows} rows`)
}

/** The plan with the columns of the dataset, and how many rows make a chunk: for the same prediction always as many. */
const prepare = async (
  { levels }: PredictionParts,
  claim: PredictionClaim,
): Promise<{ plan: Plan; source: PredictedSource; size: number; datasetId: string }> => {
  const { config, trained, given } = readStored(claim)
  const planned = planPredicted(planOf({ config, dataset: trained }), trained, given, claim.measured)
  if ('errors' in planned)
    throw new Error(`a stored prediction cannot be planned: ${planned.errors.map(({ message }) => message).join('; ')}`)
  const plan = planned.value
  const recodes = categoryPairs(plan, trained).map(async ({ trained: first, second }) => {
    const [known, own] = await Promise.all([levels.read(trained.id, first), levels.read(given.id, second)])
    return { column: second, codes: Float32Array.from(recode(own, known)) }
  })
  const width = given.columns.length
  const source: PredictedSource =
    given.kind === 'synthetic' ? { kind: 'synthetic', spec: given.spec } : { kind: 'upload', width, recodes: await Promise.all(recodes) }
  const outputs = plan.data.featureColumns.length * sizeOf(plan.outputShape)
  const size = Math.max(1, Math.min(maxRows, Math.floor(maxNumbersIn / width), Math.floor(maxNumbersOut / outputs)))
  return { plan, source, size, datasetId: given.id }
}

type Asked = { count: number; argument: PredictionMethods['predict']['argument'] }

function* stretches({ rows, rowsDone }: PredictionClaim, size: number): Generator<Asked> {
  for (let from = rowsDone; from < rows; from += size) {
    const count = Math.min(size, rows - from)
    yield { count, argument: { from, count } }
  }
}

async function* slices(
  { chunks }: PredictionParts,
  table: { datasetId: string; width: number },
  range: { from: number; size: number },
): AsyncGenerator<Asked> {
  for await (const bytes of rowSlices(chunks, table, range)) yield { count: bytes.length / (4 * table.width), argument: { rows: bytes } }
}
