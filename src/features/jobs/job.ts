/** A job as the features see it. */

import type { JobResource, SortedValue } from '../../api/job.schema.ts'
import type { JobConfig } from '../../api/job-config.schema.ts'
import { toJsonNumber } from '../../api/numbers.ts'
import type { JsonText } from '../../api/write-json.ts'
import type { EngineDescription, EngineState } from '../../contracts/engine.ts'
import type { JobErrorCode } from '../../contracts/error-codes.ts'
import { isTerminal, type JobStatus } from '../../contracts/lifecycle.ts'
import type { RowCounts } from '../../contracts/plan.ts'

/** A job's row, without its lease. */
export type Job = {
  id: string
  tenant: string
  status: JobStatus
  config: JobConfig
  datasetId: string
  metadata: Record<string, string | number>
  engine: EngineDescription | null
  epoch: number
  epochs: number
  fraction: number
  latestLoss: number | null
  result: JobResource['result']
  errorCode: JobErrorCode | null
  errorMessage: string | null
  seconds: number
  restartCount: number
  restarts: JobResource['restarts']
  revision: number
  createdAt: Date
  queuedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  /** Where it waits, and for what; null unless queued. */
  place: QueuePlace | null
  /** Of a job in a list: JSON Pointers to what its config lacks. */
  omitted?: string[]
  /** Of a job in a list that is sorted by a metric. */
  sortedBy?: SortedBy
}

/** Place among the tenant's jobs that wait, 1 being next, and what a job waits for. */
export type QueuePlace = { position: number; approximate: boolean; waitsFor: 'worker' | 'gpu' | 'turn' | 'limit' }

/** A job on its way out: its config is text. */
export type ShownJob = Omit<Job, 'config'> & { config: JsonText }

/** A job as who waits for it reads it again and again: without its place, and without its config where that is large. */
export type WatchedJob = Omit<Job, 'config' | 'place'> & { config: JsonText | null }

/** A job as the API shows it, its config as text. */
export type ShownJobResource = Omit<JobResource, 'config'> & { config: JsonText }

/** Which jobs a list shows, and in which order: newest first unless it is said. */
export type JobFilter = { statuses?: readonly JobStatus[]; metadata: Record<string, string>; sort?: JobSort }

/** An order by a metric: `of` says which value of it, `after` the job after which a page begins, by that value and its id. */
export type JobSort = { metric: string; of: SortedValue; descending: boolean; after?: { value: number; id: string } }

/** What a job is sorted by in a list. */
export type SortedBy = { metric: string; of: SortedValue; value: number }

/** Where a job stands: its status, and how many of its epochs are finished. */
export type JobState = Pick<Job, 'status' | 'revision' | 'epoch' | 'epochs'>

/** A job by what tells it apart, and whether it changed. */
export type BriefJob = Pick<Job, 'id' | 'status' | 'epoch' | 'revision' | 'metadata'>

/** A job that is about to be queued. */
export type NewJob = {
  id: string
  tenant: string
  config: JobConfig
  datasetId: string
  /** How its rows are used, if they had to be counted. */
  rowCounts?: RowCounts | null
  /** What it starts from, if it does not start afresh. */
  checkpoint?: EngineState
  sweep?: { id: string; position: number; point: Record<string, unknown> }
}

/** A job as lists show it. */
export const toJobResource = ({ config, ...job }: Job): JobResource => ({ ...toResourceWithout(job), config })

/** A job as the API shows it. */
export const toShownResource = ({ config, ...job }: ShownJob): ShownJobResource => ({ ...toResourceWithout(job), config })

/** Training time that is left if the rest goes as the finished share went; null before there is one. */
export const etaSeconds = ({ status, fraction, seconds }: Pick<Job, 'status' | 'fraction' | 'seconds'>): number | null => {
  if (isTerminal(status)) return 0
  return fraction > 0 && seconds > 0 ? (seconds * (1 - fraction)) / fraction : null
}

/** All of it but its config. */
const toResourceWithout = (job: Omit<Job, 'config'>): Omit<JobResource, 'config'> => ({
  id: job.id,
  status: job.status,
  dataset: { id: job.datasetId },
  progress: {
    epoch: job.epoch,
    epochs: job.epochs,
    fraction: job.fraction,
    etaSeconds: etaSeconds(job),
    latestLoss: job.latestLoss === null ? null : toJsonNumber(job.latestLoss),
  },
  queue: toQueue(job.place),
  engine: job.engine,
  result: job.result,
  error: job.errorCode ? { code: job.errorCode, message: job.errorMessage ?? '' } : null,
  restartCount: job.restartCount,
  restarts: job.restarts,
  metadata: job.metadata,
  ...(job.sortedBy ? { sortedBy: job.sortedBy } : {}),
  ...(job.omitted && job.omitted.length > 0 ? { omitted: job.omitted } : {}),
  createdAt: job.createdAt.toISOString(),
  queuedAt: job.queuedAt.toISOString(),
  startedAt: job.startedAt?.toISOString() ?? null,
  finishedAt: job.finishedAt?.toISOString() ?? null,
})

const toQueue = (place: QueuePlace | null): JobResource['queue'] =>
  place ? { position: place.position, ...(place.approximate ? { approximate: true } : {}), waitsFor: place.waitsFor } : { position: null }
