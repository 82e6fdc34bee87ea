/** What trainers saved, for trainers and jobs that start from it; `tenant` goes into every statement. */
import type { SavedTrainer } from '../../contracts/trainer.ts'
import { sizeOf } from '../../numerics/shape.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { unpackValues } from '../jobs/checkpoint-encoding.ts'

/** A checkpoint, and the type of the optimizer whose state is in it. */
export type FoundCheckpoint = SavedTrainer & { optimizer: string }

type Row = { optimizer: string; steps: number | null; layout: { name: string; shape: number[] }[] | null; values: Uint8Array | null }

export const createTrainerCheckpoints = ({ prisma }: Pick<Database, 'prisma'>) => ({
  /** Undefined if there is no such trainer, null if it saved nothing under this name. */
  read: async (tenant: string, trainerId: string, name: string): Promise<FoundCheckpoint | null | undefined> => {
    const [row] = await prisma.$queryRaw<Row[]>`
      select config->'optimizer'->>'type' as optimizer, steps::float8 as steps, layout, values
      from "Trainer" left join "TrainerCheckpoint" on "trainerId" = id and name = ${name} where id = ${trainerId} and tenant = ${tenant}`
    if (!row) return undefined
    const { optimizer, steps, layout, values } = row
    return steps !== null && layout && values ? { optimizer, steps, tensors: unpack(layout, unpackValues(values)) } : null
  },
})

export type TrainerCheckpoints = ReturnType<typeof createTrainerCheckpoints>

const unpack = (layout: { name: string; shape: number[] }[], all: Float32Array): SavedTrainer['tensors'] => {
  let from = 0
  return layout.map(({ name, shape }) => {
    from += sizeOf(shape)
    return { name, shape, values: all.slice(from - sizeOf(shape), from) }
  })
}
