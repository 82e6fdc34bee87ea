/** What a learning-rate schedule is: a catalog entry with a pure function from the epoch to its rate. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { Definition } from './definition.ts'

/** What a schedule remembers between epochs, as JSON: part of a checkpoint. Empty for all that need no memory. */
export type ScheduleMemo = { rate?: number; best?: number | null; badEpochs?: number; cooldown?: number }

export type Schedule<Options extends TProperties = TProperties> = Definition<Options> & {
  /** The rate used in an epoch, which counts from 1; `base` is the optimizer's learning rate. */
  rate(at: { epoch: number; base: number; memo: ScheduleMemo }, options: Static<TObject<Options>>): number
  /** The memo after an epoch with this loss; without it nothing is remembered. */
  observe?(at: { base: number; memo: ScheduleMemo; loss: number }, options: Static<TObject<Options>>): ScheduleMemo
}

/** Names the types of a schedule's options. */
export const defineSchedule = <const Options extends TProperties, const Type extends string>(
  schedule: Schedule<Options> & { type: Type },
): Schedule<Options> & { type: Type } => schedule

/** A factor that multiplies the rate. */
export const factor = (byDefault: number, description: string) => Type.Number({ minimum: 0, maximum: 1e3, default: byDefault, description })
/** A number of epochs. */
export const epochs = (byDefault: number, description: string, minimum = 0) =>
  Type.Integer({ minimum, maximum: 1_000_000, default: byDefault, description })
