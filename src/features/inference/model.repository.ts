import type { JobConfig } from '../../api/job-config.schema.ts'
import type { EngineState } from '../../contracts/engine.ts'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { decodeLayout, decodeState, decodeTraining, isOfModel, unpackValues } from '../jobs/checkpoint-encoding.ts'
import { decodeConfig, decodeDataset } from '../jobs/claim-encoding.ts'
import type { ClaimedDataset } from '../jobs/lease.ts'

/** What a prediction needs of a job: its config, the table it was trained on, and where it stands. */
export type TrainedJob = { config: JobConfig; dataset: ClaimedDataset; state: EngineState }

/** A checkpoint without its values. */
type SavedState = { epoch: number; step: number; training: unknown; layout: unknown }

type Slice = { bytes: Uint8Array | null }

/** Values that are read at a time. */
const bytesPerSlice = 4 * 2 ** 20

/** Trained models in PostgreSQL, as predictions need them. */
export const createModelRepository = ({ prisma }: { prisma: PrismaClient }) => {
  /**
   * A job with the newest of its weights: those that are kept of an epoch, as `GET …/weights` shows them, unless its
   * checkpoint is of a later epoch; or with those of one epoch. Null if it is gone or has none.
   */
  const trainedJob = async (jobId: string, epoch?: number): Promise<TrainedJob | null> => {
    const job = await prisma.job.findUnique({ where: { id: jobId }, include: { dataset: true, checkpoint: { omit: { values: true } } } })
    const state = job && (await (epoch === undefined ? newestState(jobId, job.checkpoint) : stateOf(jobId, epoch, job.checkpoint)))
    return state && { config: decodeConfig(job.config), dataset: decodeDataset(job.dataset), state }
  }

  const newestState = async (jobId: string, checkpoint: SavedState | null): Promise<EngineState | null> => {
    const kept = await prisma.tensor.aggregate({ where: { jobId, kind: 'weight' }, _max: { epoch: true } })
    const { epoch } = kept._max
    const isNewest = epoch !== null && epoch >= (checkpoint?.epoch ?? 0)
    const keptOf = isNewest ? await keptState(jobId, epoch, checkpoint?.training) : null
    return keptOf && isWhole(keptOf, checkpoint?.layout) ? keptOf : checkpointState(jobId)
  }

  /** The weights of an epoch, kept or in the checkpoint at its end; null if they are not there any more. */
  const stateOf = async (jobId: string, epoch: number, checkpoint: SavedState | null): Promise<EngineState | null> => {
    const kept = await keptState(jobId, epoch, checkpoint?.training)
    const isThere = kept.tensors.length > 0 && isWhole(kept, checkpoint?.layout)
    if (isThere) return kept
    const saved = checkpoint?.epoch === epoch && checkpoint.step === 0 ? await checkpointState(jobId) : null
    return saved?.epoch === epoch && saved.step === 0 ? saved : null
  }

  /** Weights and running statistics of an epoch, with what preprocessing learned. */
  const keptState = async (jobId: string, epoch: number, training: unknown): Promise<EngineState> => {
    const rows = await prisma.tensor.findMany({ where: { jobId, kind: 'weight', epoch }, orderBy: { position: 'asc' } })
    const tensors = await Promise.all(
      rows.map(async ({ parameter, shape, values, blobId, position }) => ({
        name: parameter,
        shape,
        values: blobId
          ? await readValues(shape, (at, length) => tensorSlice({ jobId, epoch, position }, at, length))
          : unpackValues(values ?? new Uint8Array()),
      })),
    )
    return { epoch, step: 0, tensors, training: decodeTraining(training ?? {}) }
  }

  const checkpointState = async (jobId: string): Promise<EngineState | null> => {
    const checkpoint = await prisma.checkpoint.findUnique({ where: { jobId } })
    if (!checkpoint?.blobId) return checkpoint && decodeState(checkpoint)
    const tensors: EngineState['tensors'] = []
    let from = 0
    // The optimizer's values predict nothing, and are most of a large checkpoint.
    for (const { name, shape } of decodeLayout(checkpoint.layout)) {
      const start = from
      from += 4 * sizeOf(shape)
      if (isOfModel(name))
        tensors.push({ name, shape, values: await readValues(shape, (at, length) => checkpointSlice(checkpoint, start + at, length)) })
    }
    return { epoch: checkpoint.epoch, step: checkpoint.step, training: decodeTraining(checkpoint.training), tensors }
  }

  const tensorSlice = (place: { jobId: string; epoch: number; position: number }, at: number, length: number) =>
    prisma.$queryRaw<Slice[]>`
      select tensor_slice("Tensor", ${at}::bigint, ${length}::int) as bytes from "Tensor"
      where "jobId" = ${place.jobId} and kind = 'weight' and epoch = ${place.epoch}::int and position = ${place.position}::int`

  const checkpointSlice = ({ jobId, blobId }: { jobId: string; blobId: string | null }, at: number, length: number) =>
    prisma.$queryRaw<Slice[]>`
      select checkpoint_slice(saved, ${at}::bigint, ${length}::int) as bytes from "Checkpoint" saved
      where "jobId" = ${jobId} and "blobId" = ${blobId}::uuid`

  return { trainedJob }
}

/** Older versions kept the weights of a job that was cancelled without its running statistics, which its checkpoint has. */
const isWhole = ({ tensors }: EngineState, layout: unknown): boolean => {
  const known = new Set(tensors.map(({ name }) => name))
  return decodeLayout(layout ?? []).every(({ name }) => !isOfModel(name) || known.has(name))
}

export type ModelRepository = ReturnType<typeof createModelRepository>

/** The values of a tensor, slice by slice. @throws if they are gone meanwhile */
const readValues = async (shape: readonly number[], read: (at: number, length: number) => Promise<Slice[]>): Promise<Float32Array> => {
  const bytes = new Uint8Array(4 * sizeOf(shape))
  for (let at = 0; at < bytes.length; at += bytesPerSlice) {
    const [slice] = await read(at, Math.min(bytesPerSlice, bytes.length - at))
    if (!slice?.bytes) throw new Error('the weights were replaced while they were being read')
    bytes.set(slice.bytes, at)
  }
  return new Float32Array(bytes.buffer)
}
