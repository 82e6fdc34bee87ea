/** What a learning-rate schedule is: a catalog entry with a pure function from the epoch to its rate. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { type Definition, objectWithDefaults } from './definition.ts'

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

/** What may come before any schedule. */
export const warmup = Type.Optional(
  objectWithDefaults(
    {
      epochs: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epochs of the warm-up.' }),
      startFactor: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 1 / 3,
        description: "Factor of the optimizer's rate in the first epoch; it grows linearly to 1.",
      }),
    },
    {
      title: 'warmup',
      description:
        "Epochs before the schedule, in which the rate grows linearly to the optimizer's; the schedule then begins with its own first epoch, and sees no loss before: torch.optim.lr_scheduler.SequentialLR of LinearLR and the schedule.",
    },
  ),
)
