/** Brings a trainer into a child, to where it stands: its rows, its kept state, and the requests that were done since. */
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import type { ClaimedDataset } from '../../src/features/jobs/lease.ts'
import type { HeldTrainer, TrainerHostRepository } from '../../src/features/trainers/trainer-host.repository.ts'
import type { Child } from '../rpc/child-host.ts'
import type { DataSource } from '../training/protocol.ts'
import type { TrainerMethods } from './protocol.ts'

/** Requests that are read at a time to be done again. */
const replayedAtOnce = 100

export type OpeningParts = {
  trainers: Pick<TrainerHostRepository, 'done' | 'savedSteps' | 'describe'>
  chunks: ChunkRepository
  planOf: (trainer: Pick<HeldTrainer, 'config' | 'dataset' | 'rowCounts'>) => Promise<Plan>
}

/** Gives what executes it, and how long the requests took that were done again, in milliseconds. @throws ChildGone, ChildFailure */
export const openInChild = async (
  { trainers, chunks, planOf }: OpeningParts,
  child: Child<TrainerMethods>,
  held: HeldTrainer,
): Promise<{ engine: EngineDescription; replayMs: number }> => {
  const { id, dataset, asked, state, lastSeq } = held
  const plan = await planOf(held)
  const source = held.isGiven ? null : sourceOf(dataset)
  const { wantsRows } = await child.call('begin', { id, plan, source })
  if (wantsRows) for await (const bytes of chunks.stream(dataset.id)) await child.call('rows', { id, bytes })
  const { engine } = await child.call('open', { id, state, engine: asked })
  if (held.error || JSON.stringify(engine) !== JSON.stringify(held.engine)) await trainers.describe(id, engine)
  return { engine, replayMs: await replay(trainers, child, { id, after: state?.seq ?? 0, lastSeq }) }
}

const sourceOf = (dataset: ClaimedDataset): DataSource => {
  const { id, kind, spec, columns } = dataset
  return kind === 'synthetic' ? { kind, spec } : { kind, datasetId: id, width: columns.length }
}

/** Does the requests again that were done since the kept state; gives how long they took. */
const replay = async (
  trainers: OpeningParts['trainers'],
  child: Child<TrainerMethods>,
  { id, after, lastSeq }: { id: string; after: number; lastSeq: number },
): Promise<number> => {
  let seq = after
  let replayMs = 0
  // A request that goes back to what was saved is never done again: the state was kept with it.
  const saved = seq < lastSeq ? await trainers.savedSteps(id) : {}
  while (seq < lastSeq) {
    const requests = await trainers.done(id, seq, lastSeq, replayedAtOnce)
    for (const request of requests) {
      const outcome = await child.call('run', { id, operations: request.request, saved, checkpoints: {}, isReplay: true })
      if ('wants' in outcome) throw new Error(`request ${request.seq} of trainer ${id} was done before, and wants rows now`)
      if (!outcome.ok)
        throw new Error(`request ${request.seq} of trainer ${id} was done before, and is refused now: ${outcome.problem.detail}`)
      seq = request.seq
      replayMs += outcome.ms
    }
    if (requests.length === 0) throw new Error(`requests of trainer ${id} after ${seq} are missing`)
  }
  return replayMs
}
