/** What training left behind, as the API reads it: epochs, tensors and events of a job whose tenant was checked before. */

import type { EventResource } from '../../api/event.schema.ts'
import { JsonText } from '../../api/write-json.ts'
import type { LearnedStatistics } from '../../contracts/training-state.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { sizeOf } from '../../numerics/shape.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { decodeLearned } from './checkpoint-encoding.ts'
import { epochNames } from './sql/epoch-columns.ts'

/** A range of epochs, both ends included. */
export type EpochRange = { from?: number; to?: number }

/** Which tensors to read. */
export type TensorQuery = { kind: 'weight' | 'gradient'; epoch?: number; epochs?: number[]; parameter?: string }

/** A stored tensor; values are packed little-endian float32, null if only the norm was recorded. */
export type StoredTensor = { epoch: number; position: number; parameter: string; shape: number[]; norm: number; values: Uint8Array | null }

/** Values that are read at a time. */
const bytesPerSlice = 4 * 2 ** 20

const maxEpochs = 2 ** 31 - 1

/** Where a tensor of a job lies. */
type TensorPlace = Pick<StoredTensor, 'epoch' | 'position'> & { kind: TensorQuery['kind'] }

export const createResultsRepository = ({ prisma }: Database) => {
  /**
   * Epochs from one on, in order and at most `limit`: as JSON, a line each, separated by commas, and the number of the last of
   * them. Null if there are none. `only` takes those of them that are named.
   */
  const epochPage = async (
    jobId: string,
    { from, to, limit, only }: { from: number; to?: number; limit: number; only?: readonly number[] },
  ): Promise<{ text: JsonText; last: number } | null> => {
    const named = only ? Prisma.sql`and epoch = any(${only}::int[])` : Prisma.empty
    const [row] = await prisma.$queryRaw<{ text: string | null; last: number }[]>`
      select string_agg(row_to_json(page)::text, E',\\n' order by epoch) as text, max(epoch)::int as last from (
        select ${epochNames} from "Epoch"
        where "jobId" = ${jobId} and epoch >= ${from}::int and epoch <= ${to ?? maxEpochs}::int ${named}
        order by epoch limit ${limit}::int
      ) as page`
    return row?.text ? { text: new JsonText(row.text), last: row.last } : null
  }

  /** One page of tensors in the order of epochs and parameters, after the given place. Without values if they aren't wanted. */
  const tensors = async (
    jobId: string,
    { kind, epoch, epochs, parameter }: TensorQuery,
    { after, limit, values }: { after?: Pick<StoredTensor, 'epoch' | 'position'>; limit: number; values: boolean },
  ): Promise<StoredTensor[]> => {
    const rows = await prisma.tensor.findMany({
      where: {
        jobId,
        kind,
        epoch: epochs ? { in: epochs } : epoch,
        parameter,
        ...(after ? { OR: [{ epoch: { gt: after.epoch } }, { epoch: after.epoch, position: { gt: after.position } }] } : {}),
      },
      orderBy: [{ epoch: 'asc' }, { position: 'asc' }],
      take: limit,
      select: { epoch: true, position: true, parameter: true, shape: true, norm: true, values, blobId: true },
    })
    return Promise.all(
      rows.map(async ({ blobId, ...row }) => {
        const read = () => valuesOf(jobId, { ...row, kind }, 4 * sizeOf(row.shape))
        return { ...row, values: values && blobId ? await read() : (row.values ?? null) }
      }),
    )
  }

  /** Some bytes of a tensor's values, from the byte `at` on; null if only the norm was recorded, or the job is gone. */
  const valueBytes = async (
    jobId: string,
    { kind, epoch, position }: TensorPlace,
    { at, length }: { at: number; length: number },
  ): Promise<Uint8Array | null> => {
    const [row] = await prisma.$queryRaw<{ bytes: Uint8Array | null }[]>`
      select tensor_slice("Tensor", ${at}::bigint, ${length}::int) as bytes from "Tensor"
      where "jobId" = ${jobId} and kind = ${kind} and epoch = ${epoch}::int and position = ${position}::int`
    return row?.bytes ?? null
  }

  /**
   * So many bytes of values of one weight, packed; null if the job has been deleted meanwhile. They come in slices, since
   * the driver needs several times the memory of what it reads at once.
   */
  const weightValues = (jobId: string, place: Pick<StoredTensor, 'epoch' | 'position'>, length: number): Promise<Uint8Array | null> =>
    valuesOf(jobId, { ...place, kind: 'weight' }, length)

  const valuesOf = async (jobId: string, place: TensorPlace, length: number): Promise<Uint8Array | null> => {
    const values = new Uint8Array(length)
    for (let at = 0; at < length; at += bytesPerSlice) {
      const bytes = await valueBytes(jobId, place, { at, length: Math.min(bytesPerSlice, length - at) })
      if (!bytes) return null
      values.set(bytes, at)
    }
    return values
  }

  /** What preprocessing learned, by the job's checkpoint; undefined if it knows nothing of it. */
  const learned = async (jobId: string): Promise<LearnedStatistics | undefined> => {
    const found = await prisma.checkpoint.findUnique({ where: { jobId }, select: { training: true } })
    return decodeLearned(found?.training)
  }

  /** The last epoch of which weights are kept; null if there are none. */
  const lastWeights = async (jobId: string): Promise<number | null> => {
    const { _max } = await prisma.tensor.aggregate({ where: { jobId, kind: 'weight' }, _max: { epoch: true } })
    return _max.epoch
  }

  /** Epochs of a range of which weights are kept, in order and at most `limit`. */
  const keptEpochs = async (jobId: string, { from, to, limit }: { from: number; to?: number; limit: number }): Promise<number[]> => {
    const rows = await prisma.tensor.findMany({
      where: { jobId, kind: 'weight', position: 0, epoch: { gte: from, lte: to ?? maxEpochs } },
      orderBy: { epoch: 'asc' },
      take: limit,
      select: { epoch: true },
    })
    return rows.map(({ epoch }) => epoch)
  }

  /** Events after a number, in order. */
  const events = async (jobId: string, { after, limit }: { after: number; limit: number }): Promise<EventResource[]> => {
    const rows = await prisma.event.findMany({ where: { jobId, seq: { gt: after } }, orderBy: { seq: 'asc' }, take: limit })
    return rows.map(({ seq, type, at, data }) => ({ seq, type, at: at.toISOString(), data }) as EventResource)
  }

  return { epochPage, tensors, valueBytes, weightValues, learned, lastWeights, keptEpochs, events }
}

export type ResultsRepository = ReturnType<typeof createResultsRepository>
