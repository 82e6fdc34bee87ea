/** How one number went over the epochs, of several jobs: read job by job while it is sent. */
import { type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { must } from '../../numerics/must.ts'
import { pointer, shown } from '../../validation/validation-errors.ts'
import type { CurveRepository } from './curve.repository.ts'
import { downsample } from './downsample.ts'
import type { JobRepository } from './job.repository.ts'

/** `[epoch, value]`, in order. */
export type Points = [epoch: number, value: JsonNumber][]

type Collaborators = { jobs: Pick<JobRepository, 'findRevisions'>; curves: CurveRepository }

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
  ): Promise<{ version: string; data: AsyncIterable<{ jobId: string; points: Points }> }> => {
    const revisions = await jobs.findRevisions(tenant, ids)
    const missing = ids.flatMap((id, at) => (revisions.has(id) ? [] : [missingJob(id, at)]))
    if (missing.length > 0) throw new Problem('NOT_FOUND', `There is no job ${missing.map(({ value }) => value).join(', ')}`, missing)
    const version = JSON.stringify([metric, maxPoints, ids.map((id) => [id, revisions.get(id)])])
    return { version, data: readAll(ids, metric, maxPoints) }
  }

  async function* readAll(ids: readonly string[], metric: string, maxPoints: number) {
    for (const jobId of ids) {
      const { epochs, values } = await curves.ofEpochs(jobId, metric)
      const points = downsample(values, maxPoints).map((at) => [must(epochs, at), toJsonNumber(must(values, at))] satisfies Points[number])
      yield { jobId, points }
    }
  }

  return { read }
}

export type CurvesService = ReturnType<typeof createCurvesService>

const missingJob = (id: string, at: number) => ({
  path: pointer('job', at),
  code: 'not_found',
  message: 'there is no such job',
  ...shown(id),
})
