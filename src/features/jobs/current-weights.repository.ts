/** The weights of a job that goes on, which only its checkpoint has: what training left at the end of its last epoch. */

import { fromJsonNumber } from '../../api/numbers.ts'
import { sizeOf } from '../../numerics/shape.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { decodeLayout, isOfModel } from './checkpoint-encoding.ts'

/** A weight whose values are read when they are sent: packed little-endian float32. */
export type CurrentWeight = { name: string; shape: number[]; norm: number; read: () => Promise<Uint8Array> }

/** Values that are read at a time. */
const bytesPerSlice = 4 * 2 ** 20

export const createCurrentWeightsRepository = ({ prisma }: Database) => {
  /**
   * The weights of a checkpoint at the end of an epoch; null if there is none. One of many values is replaced as training
   * goes on, in the middle of whoever reads it: it is given only if it `isStill`.
   */
  const read = async (jobId: string, isStill: boolean): Promise<{ epoch: number; tensors: CurrentWeight[] } | null> => {
    const saved = await prisma.checkpoint.findFirst({
      where: { jobId, step: 0, epoch: { gt: 0 }, ...(isStill ? {} : { blobId: null }) },
      select: { epoch: true, layout: true, values: true, blobId: true },
    })
    if (!saved) return null
    const tensors: CurrentWeight[] = []
    let from = 0
    for (const { name, shape, norm = 'NaN' } of decodeLayout(saved.layout)) {
      const [start, length] = [from, 4 * sizeOf(shape)]
      from += length
      if (!isOfModel(name)) continue
      const values = async (): Promise<Uint8Array> =>
        saved.blobId ? ofBlob(jobId, saved.blobId, start, length) : saved.values.subarray(start, start + length)
      tensors.push({ name, shape, norm: fromJsonNumber(norm), read: values })
    }
    return { epoch: saved.epoch, tensors }
  }

  const ofBlob = async (jobId: string, blobId: string, start: number, length: number): Promise<Uint8Array> => {
    const values = new Uint8Array(length)
    for (let at = 0; at < length; at += bytesPerSlice) {
      const [row] = await prisma.$queryRaw<{ bytes: Uint8Array | null }[]>`
        select checkpoint_slice(saved, ${start + at}::bigint, ${Math.min(bytesPerSlice, length - at)}::int) as bytes
        from "Checkpoint" saved where "jobId" = ${jobId} and "blobId" = ${blobId}::uuid`
      if (!row?.bytes) throw new Error('the weights were replaced while they were being read')
      values.set(row.bytes, at)
    }
    return values
  }

  return { read }
}

export type CurrentWeightsRepository = ReturnType<typeof createCurrentWeightsRepository>
