/** What training left behind, as the API reads it: epochs, tensors and events of a job whose tenant was checked before. */
import type { EventResource } from '../../contracts/event.ts'
import type { Epoch as EpochRow } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database.ts'

/** A range of epochs, both ends included. */
export type EpochRange = { from?: number; to?: number }

/** Which tensors to read. */
export type TensorQuery = { kind: 'weight' | 'gradient'; epoch?: number; parameter?: string }

/** A stored tensor; values are packed little-endian float32, null where only the norm was recorded. */
export type StoredTensor = { epoch: number; position: number; parameter: string; shape: number[]; norm: number; values: Uint8Array | null }

/** Values that are read at a time. */
const bytesPerSlice = 4 * 2 ** 20

const between = ({ from, to }: EpochRange) => ({ gte: from, lte: to })

export const createResultsRepository = ({ prisma }: Database) => {
  /** The epochs of a range, or those of them that are named. */
  const epochs = (jobId: string, range: EpochRange, only?: number[]): Promise<EpochRow[]> =>
    prisma.epoch.findMany({ where: { jobId, epoch: only ? { in: only } : between(range) }, orderBy: { epoch: 'asc' } })

  /** The losses of a range, for choosing among its epochs. */
  const losses = (jobId: string, range: EpochRange): Promise<{ epoch: number; loss: number }[]> =>
    prisma.epoch.findMany({ where: { jobId, epoch: between(range) }, orderBy: { epoch: 'asc' }, select: { epoch: true, loss: true } })

  /** One page of tensors in the order of epochs and parameters, after the given place. Without values where they aren't wanted. */
  const tensors = async (
    jobId: string,
    { kind, epoch, parameter }: TensorQuery,
    { after, limit, values }: { after?: Pick<StoredTensor, 'epoch' | 'position'>; limit: number; values: boolean },
  ): Promise<StoredTensor[]> => {
    const rows = await prisma.tensor.findMany({
      where: {
        jobId,
        kind,
        epoch,
        parameter,
        ...(after ? { OR: [{ epoch: { gt: after.epoch } }, { epoch: after.epoch, position: { gt: after.position } }] } : {}),
      },
      orderBy: [{ epoch: 'asc' }, { position: 'asc' }],
      take: limit,
      select: { epoch: true, position: true, parameter: true, shape: true, norm: true, values },
    })
    return rows.map((row) => ({ ...row, values: row.values ?? null }))
  }

  /**
   * So many bytes of values of one weight, packed; null where the job has been deleted meanwhile. They come in slices, since
   * the driver needs several times the memory of what it reads at once.
   */
  const weightValues = async (
    jobId: string,
    { epoch, position }: Pick<StoredTensor, 'epoch' | 'position'>,
    length: number,
  ): Promise<Uint8Array | null> => {
    const values = new Uint8Array(length)
    for (let at = 0; at < length; at += bytesPerSlice) {
      const [row] = await prisma.$queryRaw<{ bytes: Uint8Array }[]>`
        select substring(values from ${at + 1}::int for ${bytesPerSlice}::int) as bytes from "Tensor"
        where "jobId" = ${jobId} and kind = 'weight' and epoch = ${epoch}::int and position = ${position}::int`
      if (!row?.bytes) return null
      values.set(row.bytes, at)
    }
    return values
  }

  /** What a job's checkpoint remembers besides tensors; null where it has none. */
  const memo = async (jobId: string): Promise<Record<string, unknown> | null> => {
    const found = await prisma.checkpoint.findUnique({ where: { jobId }, select: { memo: true } })
    return found && (found.memo as Record<string, unknown>)
  }

  /** The last epoch of which weights are kept; null where there are none. */
  const lastWeights = async (jobId: string): Promise<number | null> => {
    const { _max } = await prisma.tensor.aggregate({ where: { jobId, kind: 'weight' }, _max: { epoch: true } })
    return _max.epoch
  }

  /** Events after a number, in order. */
  const events = async (jobId: string, { after, limit }: { after: number; limit: number }): Promise<EventResource[]> => {
    const rows = await prisma.event.findMany({ where: { jobId, seq: { gt: after } }, orderBy: { seq: 'asc' }, take: limit })
    return rows.map(({ seq, type, at, data }) => ({
      seq,
      type: type as EventResource['type'],
      at: at.toISOString(),
      data: data as EventResource['data'],
    }))
  }

  return { epochs, losses, tensors, weightValues, memo, lastWeights, events }
}

export type ResultsRepository = ReturnType<typeof createResultsRepository>
