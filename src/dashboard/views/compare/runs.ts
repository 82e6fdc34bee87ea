/** The jobs that are held against each other: those of the address, or those of a sweep. */
import { get, isMissing } from '../../api/client.ts'
import type { Job, JobStatus, Sweep } from '../../api/types.ts'
import { isFinal } from '../job/status.ts'
import { flatten, type Settings } from './differences.ts'

export type Run = {
  id: string
  status: JobStatus
  epochs: number
  rank: number | null
  settings: Settings
  loss: string
  metrics: string[]
}

export type Runs = {
  runs: Run[]
  /** Ids that there is no job of. */
  missing: string[]
  /** Jobs beyond those that are shown. */
  left: number
  sweep: { id: string; ranking: string } | undefined
}

/** Jobs in one chart. */
export const maxRuns = 50

/**
 * A loader that asks only once for a job that has ended.
 * @throws ApiError, for a sweep that is not there too
 */
export const createRunLoader = () => {
  const ended = new Map<string, Run>()

  /** The id alone if there is no such job. */
  const loadRun = async (id: string, signal: AbortSignal): Promise<Run | string> => {
    const known = ended.get(id)
    if (known) return known
    try {
      const run = runOf(await get<Job>(`/jobs/${encodeURIComponent(id)}`, { signal }))
      if (!isOpen(run)) ended.set(id, run)
      return run
    } catch (error) {
      if (isMissing(error)) return id
      throw error
    }
  }

  return async (search: URLSearchParams, signal: AbortSignal): Promise<Runs> => {
    const sweepId = search.get('sweep')
    if (sweepId) return ofSweep(await get<Sweep>(`/sweeps/${encodeURIComponent(sweepId)}`, { signal }))
    const ids = [...new Set(search.getAll('job'))]
    const found = await Promise.all(ids.slice(0, maxRuns).map((id) => loadRun(id, signal)))
    return {
      runs: found.filter((run) => typeof run !== 'string'),
      missing: found.filter((run) => typeof run === 'string'),
      left: Math.max(0, ids.length - maxRuns),
      sweep: undefined,
    }
  }
}

/** True if a run may still change. */
export const isOpen = ({ status }: Run): boolean => !isFinal(status)

const runOf = ({ id, status, progress, config }: Job): Run => ({
  id,
  status,
  epochs: progress.epoch,
  rank: null,
  settings: flatten(config),
  loss: JSON.stringify([config.loss, config.preprocessing?.standardizeLabels]),
  metrics: config.metrics.flatMap((name) =>
    holdsBack(config.training) ? [name, `validation${name[0]?.toUpperCase()}${name.slice(1)}`] : [name],
  ),
})

const ofSweep = ({ id, jobs, rankedBy, rankedBecause, base }: Sweep): Runs => {
  const varied = new Set(jobs.flatMap(({ point }) => Object.keys(point)))
  return {
    runs: jobs.slice(0, maxRuns).map(({ jobId, status, epochs, rank, point, metrics }) => ({
      id: jobId,
      status,
      epochs,
      rank,
      // A point of a listed grid may leave to the base what others vary.
      settings: { ...onlyPaths(flatten(base), varied), ...point },
      loss: JSON.stringify([
        base.loss,
        Object.entries(point).filter(([path]) => path.startsWith('loss') || path.startsWith('preprocessing')),
      ]),
      metrics: Object.keys(metrics),
    })),
    missing: [],
    left: Math.max(0, jobs.length - maxRuns),
    sweep: { id, ranking: rankedBy === null ? `Not ranked: ${rankedBecause}` : `Ranked by ${rankedBy}: ${rankedBecause}` },
  }
}

const onlyPaths = (settings: Settings, paths: ReadonlySet<string>): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([path]) => paths.has(path)))

const holdsBack = (training: object): boolean => {
  const { validationSplit, validationDataset, folds } = training as {
    validationSplit?: unknown
    validationDataset?: unknown
    folds?: unknown
  }
  return Boolean(validationSplit) || validationDataset !== undefined || folds !== undefined
}
