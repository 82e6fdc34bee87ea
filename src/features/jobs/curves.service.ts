/** How one number went over the epochs, of several jobs: read job by job while it is sent. */
import { betterCurve } from '../../api/curve.schema.ts'
import { type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { must } from '../../numerics/must.ts'
import { pointer, shown } from '../../validation/validation-errors.ts'
import { inSlices } from '../slices.ts'
import type { Curve, CurveRepository } from './curve.repository.ts'
import { downsample } from './downsample.ts'
import type { JobRepository } from './job.repository.ts'
import type { BriefJob } from './job.ts'

type Point = [epoch: number, value: JsonNumber]

/** The shape of a curve, and what there is to know of all of it. */
export type JobCurve = { jobId: string; points: Point[]; last: Point | null; min: Point | null; max: Point | null; best: Point | null }

type Collaborators = { jobs: Pick<JobRepository, 'findBriefly'>; curves: CurveRepository }

/** Where in a request the id stands. */
type PathOf = (id: string, at: number) => (string | number)[]

export const createCurvesService = ({ jobs, curves }: Collaborators) => {
  /**
   * The curves of some jobs, each of at most so many points that show its shape. `version` is another text whenever they may
   * have changed.
   * @throws Problem NOT_FOUND naming every job that is not there
   */
  const read = async (
    tenant: string,
    ids: readonly string[],
    { metric, maxPoints }: { metric: string; maxPoints: number },
  ): Promise<{ version: string; better: 'lower' | 'higher' | null; data: AsyncIterable<JobCurve> }> => {
    const found = await find(tenant, ids, { pathOf: (_, at) => ['job', at] })
    const version = JSON.stringify([metric, maxPoints, found.map(({ id, revision }) => [id, revision])])
    return { version, better: betterCurve(metric), data: readAll(ids, metric, maxPoints) }
  }

  async function* readAll(ids: readonly string[], metric: string, maxPoints: number): AsyncGenerator<JobCurve> {
    const better = betterCurve(metric)
    for (const jobId of ids) {
      const { epochs, values } = await curves.ofEpochs(jobId, metric)
      const pointAt = (at: number): Point => [must(epochs, at), toJsonNumber(must(values, at))]
      const picked = await inSlices(downsample(values, maxPoints))
      const { min, max } = extremesOf(values)
      const one = (at: number | null) => (at === null ? null : pointAt(at))
      yield {
        jobId,
        points: picked.map(pointAt),
        last: one(values.length > 0 ? values.length - 1 : null),
        min: one(min),
        max: one(max),
        best: one(better === null ? null : better === 'lower' ? min : max),
      }
    }
  }

  /** At most so many points of the curve of a job whose tenant was checked before. */
  const readOne = async (jobId: string, metric: string, maxPoints: number): Promise<Curve> => {
    const { epochs, values } = await curves.ofEpochs(jobId, metric)
    const picked = await inSlices(downsample(values, maxPoints))
    return { epochs: Int32Array.from(picked, (at) => must(epochs, at)), values: Float64Array.from(picked, (at) => must(values, at)) }
  }

  /** Jobs in the order of their ids. @throws Problem NOT_FOUND naming every job that is not there */
  const find = async (tenant: string, ids: readonly string[], { pathOf }: { pathOf: PathOf }): Promise<BriefJob[]> => {
    const byId = new Map((await jobs.findBriefly(tenant, ids)).map((job) => [job.id, job]))
    const found = ids.flatMap((id) => byId.get(id) ?? [])
    if (found.length === ids.length) return found
    const missing = ids.flatMap((id, at) => (byId.has(id) ? [] : [missingJob(id, pathOf(id, at))]))
    throw new Problem('NOT_FOUND', `There is no job ${missing.map(({ value }) => value).join(', ')}`, missing)
  }

  return { read, readOne, find }
}

export type CurvesService = ReturnType<typeof createCurvesService>

/** Where the smallest and the largest finite value come first; null if there is none. */
const extremesOf = (values: Float64Array): { min: number | null; max: number | null } => {
  let min: number | null = null
  let max: number | null = null
  for (const [at, value] of values.entries()) {
    if (!Number.isFinite(value)) continue
    if (min === null || value < must(values, min)) min = at
    if (max === null || value > must(values, max)) max = at
  }
  return { min, max }
}

const missingJob = (id: string, steps: (string | number)[]) => ({
  path: pointer(...steps),
  code: 'not_found',
  message: 'there is no such job',
  ...shown(id),
})
