/**
 * What jobs are by docs/architecture.md, kept in memory: the oracle that the SQL statements are held against. It is told what
 * an operation answered and says whether that may be, and what the jobs are then.
 */
import type { Operation } from './operations.ts'

export type ModelJob = {
  id: string
  status: string
  /** Token of the claim that holds it. */
  holder: string | null
  expired: boolean
  /** When the lease was last renewed, by the wall clock: a slow machine may let it run out by itself. */
  renewedAt: number
  crashes: number
  epochs: number
  checkpoint: number
  events: string[]
}
/** What a worker believes of a job that it claimed. `written`: epochs that it knows to be stored. */
export type ModelClaim = { jobId: string; token: string; written: number }
export type Model = { jobs: ModelJob[]; claims: ModelClaim[] }

/** What the database answered; `error`: it refused. */
export type Answered =
  | { kind: 'submitted'; id: string }
  | { kind: 'claimed'; claim: { jobId: string; token: string; fromEpoch: number } | null }
  | { kind: 'status'; status: string | null }
  | { kind: 'freed'; ids: string[] }
  | { kind: 'moved'; from: string; to: string | null }
  | { kind: 'removed'; outcome: string }
  | { kind: 'error'; message: string }
  | { kind: 'nothing' }

/** `alone`: nothing else went on, so nothing may be passed over because it was locked. */
export type Circumstances = { alone: boolean; now: number }

/** Deaths without a checkpoint in between that end a job. */
const maxCrashes = 3
/** A lease this old may have run out by itself. */
const mayBeOverMs = 3000

const held = ['running', 'pausing', 'cancelling']
const terminal = ['succeeded', 'failed', 'cancelled']

/** The job after an operation that counts round and round. */
export const chosen = <Item>(items: readonly Item[], at: number): Item | undefined =>
  items.length > 0 ? items[at % items.length] : undefined

const actions: Record<string, Record<string, string>> = {
  cancel: { queued: 'cancelled', paused: 'cancelled', running: 'cancelling', pausing: 'cancelling', cancelling: 'cancelling' },
  pause: { queued: 'paused', running: 'pausing', pausing: 'pausing', paused: 'paused' },
  resume: { paused: 'queued', pausing: 'running', running: 'running', queued: 'queued' },
}

/** What becomes of a job that is let go. */
const afterClosing = ({ status, crashes }: ModelJob, to: string): string => {
  if (to === 'queued' || to === 'crashed') {
    if (status === 'cancelling') return 'cancelled'
    if (status === 'pausing') return 'paused'
    return to === 'crashed' && crashes + 1 >= maxCrashes ? 'failed' : 'queued'
  }
  if (to !== 'paused') return to
  if (status === 'cancelling') return 'cancelled'
  return status === 'pausing' ? 'paused' : 'running'
}

const letGo = (job: ModelJob, next: string): void => {
  job.events.push(next === 'queued' ? 'released' : next)
  job.status = next
  job.holder = null
  job.expired = false
}

const renew = (job: ModelJob, now: number): void => {
  job.expired = false
  job.renewedAt = now
}

/** The model afterwards; null where the answer may not be. */
export const afterwards = (before: Model, operation: Operation, answered: Answered, circumstances: Circumstances): Model | null => {
  const model = structuredClone(before)
  return may(model, operation, answered, circumstances) ? model : null
}

const holderOf = (model: Model, claim: ModelClaim): ModelJob | undefined =>
  model.jobs.find(({ id, holder, status }) => id === claim.jobId && holder === claim.token && held.includes(status))

type Of<Does extends Operation['does']> = Extract<Operation, { does: Does }>
type Rule<Does extends Operation['does']> = (model: Model, operation: Of<Does>, answered: Answered, circumstances: Circumstances) => boolean

const mayAct: Rule<'act'> = (model, { job: at, action }, answered) => {
  const job = chosen(model.jobs, at)
  if (!job) return answered.kind === 'nothing'
  const to = actions[action]?.[job.status] ?? null
  if (answered.kind !== 'moved' || answered.from !== job.status || answered.to !== to) return false
  if (to === null || to === job.status) return true
  job.events.push(job.status === 'pausing' && to === 'running' ? 'resumed' : to)
  job.status = to
  return true
}

const mayRemove: Rule<'remove'> = (model, { job: at }, answered) => {
  const job = chosen(model.jobs, at)
  if (!job) return answered.kind === 'nothing'
  const removable = terminal.includes(job.status)
  if (removable) model.jobs.splice(model.jobs.indexOf(job), 1)
  return answered.kind === 'removed' && answered.outcome === (removable ? 'removed' : job.status)
}

const mayWriteNow = (model: Model, operation: Write, answered: Answered, { now }: Circumstances): boolean =>
  mayWrite(model, operation, answered, now)

const rules: { [Does in Operation['does']]: Rule<Does> } = {
  submit: (model, _operation, answered, { now }) => {
    if (answered.kind !== 'submitted') return false
    model.jobs.push({ ...fresh, events: ['queued'], id: answered.id, renewedAt: now })
    return true
  },
  claim: (model, _operation, answered, { alone, now }) => answered.kind === 'claimed' && mayClaim(model, answered.claim, alone, now),
  heartbeat: mayWriteNow,
  commit: mayWriteNow,
  close: mayWriteNow,
  act: mayAct,
  runOut: (model, { job: at }) => {
    for (const job of at === null ? model.jobs : [chosen(model.jobs, at)]) if (job?.holder) job.expired = true
    return true
  },
  sweep: (model, _operation, answered, { alone, now }) => answered.kind === 'freed' && mayFree(model, answered.ids, alone, now),
  remove: mayRemove,
}

const may = <Does extends Operation['does']>(
  model: Model,
  operation: Of<Does>,
  answered: Answered,
  circumstances: Circumstances,
): boolean => (rules[operation.does] as Rule<Does>)(model, operation, answered, circumstances)

const fresh = { status: 'queued', holder: null, expired: false, crashes: 0, epochs: 0, checkpoint: 0 }

const mayClaim = (
  model: Model,
  claim: { jobId: string; token: string; fromEpoch: number } | null,
  alone: boolean,
  now: number,
): boolean => {
  if (!claim) return !alone || model.jobs.every(({ status }) => status !== 'queued')
  const job = model.jobs.find(({ id, status }) => id === claim.jobId && status === 'queued')
  if (!job || claim.fromEpoch !== job.checkpoint || model.claims.some(({ token }) => token === claim.token)) return false
  job.events.push(job.events.includes('started') ? 'resumed' : 'started')
  job.status = 'running'
  job.holder = claim.token
  renew(job, now)
  model.claims.push({ jobId: claim.jobId, token: claim.token, written: claim.fromEpoch })
  return true
}

type Write = Extract<Operation, { does: 'heartbeat' | 'commit' | 'close' }>

/** Epochs that an operation writes, and whether a checkpoint comes with them: what may be trained on never goes without. */
export const batchOf = (operation: Write): { epochs: number; saved: boolean } => {
  if (operation.does === 'heartbeat') return { epochs: 0, saved: false }
  if (operation.does === 'commit') return { epochs: operation.saved ? operation.epochs : 0, saved: operation.saved }
  const resumable = operation.to === 'queued' || operation.to === 'paused'
  return { epochs: operation.to === 'crashed' ? 0 : operation.epochs, saved: resumable && operation.epochs > 0 }
}

const mayWrite = (model: Model, operation: Write, answered: Answered, now: number): boolean => {
  const claim = chosen(model.claims, operation.claim)
  if (!claim) return answered.kind === 'nothing'
  const job = holderOf(model, claim)
  const { epochs, saved } = batchOf(operation)
  // The same epochs a second time: the first answer was lost. Nothing may change.
  const repeated = job !== undefined && epochs > 0 && claim.written < job.epochs
  if (repeated) return answered.kind === 'error' || answered.kind === 'status'
  if (answered.kind !== 'status') return false
  if (!job) return answered.status === null
  renew(job, now)
  if (operation.does === 'heartbeat') return answered.status === job.status
  const crashed = operation.does === 'close' && operation.to === 'crashed'
  const next = operation.does === 'close' ? afterClosing(job, operation.to) : job.status
  job.epochs += epochs
  job.events.push(...new Array<string>(epochs).fill('epoch'))
  if (saved) job.checkpoint = job.epochs
  job.crashes = (saved ? 0 : job.crashes) + (crashed ? 1 : 0)
  if (next !== job.status) letGo(job, next)
  // A worker that heard nothing knows of no more than before.
  if (!(operation.does === 'commit' && operation.lostAnswer)) claim.written += epochs
  return answered.status === next
}

const mayFree = (model: Model, ids: readonly string[], alone: boolean, now: number): boolean => {
  for (const id of ids) {
    const job = model.jobs.find((one) => one.id === id)
    if (!job?.holder || !(job.expired || now - job.renewedAt > mayBeOverMs)) return false
    letGo(job, afterClosing(job, 'crashed'))
    job.crashes += 1
  }
  return !alone || model.jobs.every(({ holder, expired }) => !(holder && expired))
}
