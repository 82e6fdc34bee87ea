/** The trainers that a worker has open, each in a child: what is done with one of them. */
import { trainerLimits } from '../../src/api/trainer-limits.ts'
import type { HeldTrainer, TrainerHostRepository, TrainerWork } from '../../src/features/trainers/trainer-host.repository.ts'
import type { Child } from '../rpc/child-host.ts'
import { createGiver, type EvaluationParts } from './evaluated-datasets.ts'
import { type OpeningParts, openInChild } from './open-trainer.ts'
import type { TrainerMethods, TrainerOutcome, TrainerRequest } from './protocol.ts'
import type { TrainerChildren } from './trainer-children.ts'

/** The state is kept once this much would have to be done again, in milliseconds and in requests. */
const maxReplayMs = 1000
const maxReplayed = 500

/** `runningSince`: when its request began, if one is being done; `keptSeq`, `replayMs`: what was kept last, and what is to be done again from there. */
export type OpenTrainer = {
  child: Child<TrainerMethods>
  runningSince: number | null
  usedAt: number
  idleMs: number
  engine: HeldTrainer['engine']
  lastSeq: number
  keptSeq: number
  replayMs: number
}

type Done = Extract<TrainerOutcome, { ok: true }>

export const createHeldTrainers = (
  parts: OpeningParts & EvaluationParts & { trainers: TrainerHostRepository; children: TrainerChildren },
) => {
  const { trainers, children } = parts
  const open = new Map<string, OpenTrainer>()

  const letGo = (id: string): void => {
    const entry = open.get(id)
    entry?.child.call('close', id).catch(() => {})
    open.delete(id)
    children.forget(id)
  }

  /** Opens a trainer here unless it is; false if another process has it, or if it is closed. @throws ChildGone */
  const take = async (id: string): Promise<boolean> => {
    const known = open.get(id)
    if (known && !known.child.isGone()) return true
    // Its child died, maybe of another trainer's request.
    letGo(id)
    const held = await trainers.take(id)
    if (!held) return false
    const child = await children.of(id)
    const { engine, replayMs } = await openInChild(parts, child, held).catch((error: unknown) => {
      // Rows that it was given are let go of.
      child.call('close', id).catch(() => {})
      throw error
    })
    const { idleSeconds, lastSeq, state } = held
    const entry = {
      child,
      runningSince: null,
      usedAt: performance.now(),
      idleMs: 1000 * idleSeconds,
      engine,
      lastSeq,
      keptSeq: state?.seq ?? 0,
      replayMs,
    }
    open.set(id, entry)
    return true
  }

  /** What a trainer has to do, opened here; its state is kept if somebody waits for that. Null if it is not here. @throws ChildGone */
  const look = async (id: string): Promise<TrainerWork | null> => {
    const work = (await take(id)) ? await trainers.work(id) : null
    if (!work) letGo(id)
    if (work?.wanted) await keep(id)
    return work
  }

  /** Does a request, and keeps its answer. @throws ChildGone */
  const perform = async (id: string, seq: number, operations: string): Promise<void> => {
    const entry = open.get(id)
    if (!entry) return
    const checkpoints = await checkpointsFor(id, operations)
    entry.runningSince = performance.now()
    const outcome = await run(entry.child, { id, operations, ...checkpoints, isReplay: false }).finally(() => {
      entry.runningSince = null
      entry.usedAt = performance.now()
    })
    if (outcome.ok) return commit(id, seq, entry, outcome)
    if (outcome.begun) letGo(id)
    await trainers.refuse(id, seq, outcome.problem)
  }

  /** Does a request in the child, which is given what it wants meanwhile. @throws ChildGone */
  const run = async (child: OpenTrainer['child'], request: TrainerRequest): Promise<TrainerOutcome> => {
    const give = createGiver(parts, request.id)
    let said = await child.call('run', request)
    while ('wants' in said) said = await child.call('give', { id: request.id, given: await give(said.wants) })
    return said
  }

  /** What was saved, if the request speaks of it. */
  const checkpointsFor = async (id: string, text: string) => {
    if (!/"type":"(?:save|load)"/.test(text)) return { saved: {}, checkpoints: {} }
    const operations = JSON.parse(text) as { type: string; name?: string }[]
    const names = operations.flatMap(({ type, name }) => (type === 'load' && name ? [name] : []))
    return { saved: await trainers.savedSteps(id), checkpoints: await trainers.saved(id, names) }
  }

  const commit = async (
    id: string,
    seq: number,
    entry: OpenTrainer,
    { results, version, saved, loaded, ms, engine }: Done,
  ): Promise<void> => {
    const response = `{"seq":${seq},"version":${version},"results":${results}}`
    // What was gone back to may be saved anew later: the request is never done again.
    const state = loaded ? await entry.child.call('exportState', id) : null
    if (!(await trainers.commit({ id, seq, version, response, state, saved }))) return letGo(id)
    entry.lastSeq = seq
    entry.replayMs += ms
    if (state) Object.assign(entry, { keptSeq: seq, replayMs: 0 })
    if (engine.name !== entry.engine?.name) await trainers.describe(id, engine)
    entry.engine = engine
    if (entry.replayMs > maxReplayMs || seq - entry.keptSeq >= maxReplayed) await keep(id)
  }

  /** Keeps the state as it is now. */
  const keep = async (id: string): Promise<void> => {
    const entry = open.get(id)
    if (!entry) return
    const state = await entry.child.call('exportState', id)
    if (!(await trainers.keep(id, entry.lastSeq, state, trainerLimits.keptAnswers))) return letGo(id)
    Object.assign(entry, { keptSeq: entry.lastSeq, replayMs: 0 })
  }

  /** Lets a trainer rest: its state is kept, and it takes no memory any more. */
  const park = async (id: string): Promise<void> => {
    await keep(id)
    if (!open.has(id)) return
    letGo(id)
    await trainers.release(id)
  }

  return { look, letGo, perform, keep, park, entries: (): [string, OpenTrainer][] => [...open], count: (): number => open.size }
}
