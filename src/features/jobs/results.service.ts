/** What training left behind: epochs, gradients and events. */
import type { EpochResource } from '../../contracts/epoch.ts'
import type { EventResource } from '../../contracts/event.ts'
import { type JsonNumber, toJsonNumber, toJsonNumbers } from '../../contracts/numbers.ts'
import { Problem } from '../../contracts/problems.ts'
import type { Gradient } from '../../contracts/tensors.ts'
import { downsample } from './downsample.ts'
import type { JobRepository } from './job.repository.ts'
import type { EpochRange, ResultsRepository, StoredTensor, TensorQuery } from './results.repository.ts'

/** Tensors read from the database at a time. */
const pageSize = 64

type Collaborators = { jobs: Pick<JobRepository, 'find'>; results: ResultsRepository }

export const createResultsService = ({ jobs, results }: Collaborators) => {
  /** The epochs of a range; with `maxPoints` those of them that show the shape of the loss curve. */
  const epochs = async (
    tenant: string,
    id: string,
    { maxPoints, ...range }: EpochRange & { maxPoints?: number },
  ): Promise<EpochResource[]> => {
    await requireJob(tenant, id)
    if (maxPoints === undefined) return (await results.epochs(id, range)).map(toEpoch)
    const all = await results.losses(id, range)
    const chosen = downsample(
      all.map(({ loss }) => loss),
      maxPoints,
    )
    const rows = await results.epochs(
      id,
      range,
      chosen.map((at) => all[at]?.epoch ?? 0),
    )
    return rows.map(toEpoch)
  }

  /** The gradients of an epoch or of all, one after the other: a long job's don't fit into memory. */
  const gradients = async (
    tenant: string,
    id: string,
    query: Omit<TensorQuery, 'kind'>,
    reduce: 'full' | 'norm',
  ): Promise<AsyncIterable<Gradient>> => {
    await requireJob(tenant, id)
    return readGradients(id, query, reduce)
  }

  async function* readGradients(id: string, query: Omit<TensorQuery, 'kind'>, reduce: 'full' | 'norm'): AsyncGenerator<Gradient> {
    let after: StoredTensor | undefined
    for (;;) {
      const page = await results.tensors(id, { ...query, kind: 'gradient' }, { after, limit: pageSize, values: reduce === 'full' })
      for (const { epoch, parameter, shape, norm, values } of page)
        yield { epoch, parameter, shape, ...(values ? { values: unpack(values) } : {}), norm: toJsonNumber(norm) }
      if (page.length < pageSize) return
      after = page.at(-1)
    }
  }

  const events = async (tenant: string, id: string, page: { after: number; limit: number }): Promise<EventResource[]> => {
    await requireJob(tenant, id)
    return results.events(id, page)
  }

  const requireJob = async (tenant: string, id: string): Promise<void> => {
    if (!(await jobs.find(tenant, id))) throw new Problem('NOT_FOUND', `There is no job ${id}`)
  }

  return { epochs, gradients, events }
}

export type ResultsService = ReturnType<typeof createResultsService>

const toEpoch = ({
  epoch,
  loss,
  batchLoss,
  validationLoss,
  learningRate,
  gradientNorm,
  seconds,
  metrics,
}: Awaited<ReturnType<ResultsRepository['epochs']>>[number]): EpochResource => ({
  epoch,
  loss: toJsonNumber(loss),
  batchLoss: toJsonNumber(batchLoss),
  validationLoss: validationLoss === null ? null : toJsonNumber(validationLoss),
  learningRate: toJsonNumber(learningRate),
  gradientNorm: toJsonNumber(gradientNorm),
  seconds,
  metrics: metrics as Record<string, JsonNumber>,
})

/** Packed little-endian float32 as JSON numbers. */
const unpack = (bytes: Uint8Array): JsonNumber[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return toJsonNumbers(Float32Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(4 * at, true)))
}
