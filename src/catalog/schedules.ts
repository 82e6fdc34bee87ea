/** Learning-rate schedules: what one is, each of them, and the list. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { type ConfigOfAny, type Definition, objectWithDefaults, schemaFamily } from './definition.ts'
import { ref } from './ref.ts'

/** What a schedule remembers between epochs, as JSON: part of a checkpoint. Empty for all that need no memory. */
export const ScheduleState = Type.Object({
  rate: Type.Optional(Type.Number()),
  best: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  badEpochs: Type.Optional(Type.Integer()),
  cooldown: Type.Optional(Type.Integer()),
})
export type ScheduleState = Static<typeof ScheduleState>

type Schedule<Options extends TProperties = TProperties> = Definition<Options> & {
  /** The rate used in an epoch, which counts from 1; `base` is the optimizer's learning rate. */
  rate(at: { epoch: number; base: number; state: ScheduleState }, options: Static<TObject<Options>>): number
  /** The state after an epoch with this loss; without it nothing is remembered. */
  observe?(at: { base: number; state: ScheduleState; loss: number }, options: Static<TObject<Options>>): ScheduleState
}

const constant = defineSchedule({
  type: 'constant',
  summary: "The optimizer's learning rate in every epoch.",
  options: {},
  rate: ({ base }) => base,
})

const step = defineSchedule({
  type: 'step',
  summary: 'Multiplied by gamma after every stepSize epochs.',
  source: 'torch.optim.lr_scheduler.StepLR',
  options: {
    stepSize: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epochs between two changes.' }),
    gamma: factor(0.1, 'Factor of each change.'),
  },
  rate: ({ epoch, base }, { stepSize, gamma }) => base * gamma ** Math.floor((epoch - 1) / stepSize),
})

const multiStep = defineSchedule({
  type: 'multiStep',
  summary: 'Multiplied by gamma after each milestone epoch.',
  source: 'torch.optim.lr_scheduler.MultiStepLR',
  options: {
    milestones: Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Numbers of finished epochs after which the rate changes; one named twice counts twice.',
    }),
    gamma: factor(0.1, 'Factor of each change.'),
  },
  rate: ({ epoch, base }, { milestones, gamma }) => base * gamma ** milestones.filter((milestone) => milestone <= epoch - 1).length,
})

const exponential = defineSchedule({
  type: 'exponential',
  summary: 'Multiplied by gamma after every epoch.',
  source: 'torch.optim.lr_scheduler.ExponentialLR',
  options: { gamma: Type.Number({ minimum: 0, maximum: 1e3, description: 'Factor of each change.' }) },
  rate: ({ epoch, base }, { gamma }) => base * gamma ** (epoch - 1),
})

const cosine = defineSchedule({
  type: 'cosine',
  summary: "Half a cosine wave from the optimizer's rate down to etaMin in tMax epochs, and up again after.",
  source: 'torch.optim.lr_scheduler.CosineAnnealingLR',
  options: {
    tMax: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Epochs from the highest rate to the lowest.' }),
    etaMin: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'Lowest rate.' }),
  },
  rate: ({ epoch, base }, { tMax, etaMin }) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * (epoch - 1)) / tMax))) / 2,
})

const linearWarmup = defineSchedule({
  type: 'linearWarmup',
  summary:
    'The rate times a factor that goes linearly from startFactor to endFactor in totalIters epochs, and stays there. Before another schedule: its `warmup`.',
  source: 'torch.optim.lr_scheduler.LinearLR',
  options: {
    startFactor: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 1 / 3, description: 'Factor in the first epoch.' }),
    endFactor: factor(1, 'Factor at the end.'),
    totalIters: epochs(5, 'Epochs of the change.', 1),
  },
  rate: ({ epoch, base }, { startFactor, endFactor, totalIters }) =>
    base * (startFactor + ((endFactor - startFactor) * Math.min(epoch - 1, totalIters)) / totalIters),
})

const reduceOnPlateau = defineSchedule({
  type: 'reduceOnPlateau',
  summary: "Multiplied by factor once an epoch's loss has not improved for more than patience epochs.",
  source: 'torch.optim.lr_scheduler.ReduceLROnPlateau',
  options: {
    mode: Type.Union([Type.Literal('min'), Type.Literal('max')], {
      default: 'min',
      description: 'Whether a smaller or a larger loss is better.',
    }),
    factor: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.1, description: 'Factor of each change.' }),
    patience: epochs(10, 'Epochs without improvement that are let pass.'),
    threshold: Type.Number({ minimum: 0, maximum: 1e6, default: 1e-4, description: 'How much better counts as improvement.' }),
    thresholdMode: Type.Union([Type.Literal('rel'), Type.Literal('abs')], {
      default: 'rel',
      description: 'rel: the threshold is a share of the best loss; abs: a difference.',
    }),
    cooldown: epochs(0, 'Epochs after a change in which nothing counts as bad.'),
    minLr: Type.Number({ minimum: 0, maximum: 1e6, default: 0, description: 'Lowest rate.' }),
    eps: Type.Number({ minimum: 0, maximum: 1e6, default: 1e-8, description: 'A change smaller than this is not made.' }),
  },
  rate: ({ base, state }) => state.rate ?? base,
  observe: ({ base, state, loss }, options) => {
    const sign = options.mode === 'min' ? 1 : -1
    const best = state.best ?? sign * Infinity
    const bar = options.thresholdMode === 'rel' ? best * (1 - sign * options.threshold) : best - sign * options.threshold
    const better = sign * loss < sign * bar
    const cooling = state.cooldown ?? 0
    const badEpochs = better || cooling > 0 ? 0 : (state.badEpochs ?? 0) + 1
    const kept = { rate: state.rate ?? base, best: better ? loss : (state.best ?? null), cooldown: Math.max(0, cooling - 1) }
    if (badEpochs <= options.patience) return { ...kept, badEpochs }
    const reduced = Math.max(kept.rate * options.factor, options.minLr)
    return { ...kept, rate: kept.rate - reduced > options.eps ? reduced : kept.rate, cooldown: options.cooldown, badEpochs: 0 }
  },
})

/** What may come before any schedule. */
export const warmupSchema = objectWithDefaults(
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
    $id: 'Warmup',
    description:
      "Epochs before the schedule, in which the rate grows linearly to the optimizer's; the schedule then begins with its own first epoch, and sees no loss before: torch.optim.lr_scheduler.SequentialLR of LinearLR and the schedule.",
  },
)

/** Every learning-rate schedule by its type. */
export const scheduleCatalog = {
  constant: warmable(constant),
  step: warmable(step),
  multiStep: warmable(multiStep),
  exponential: warmable(exponential),
  cosine: warmable(cosine),
  linearWarmup,
  reduceOnPlateau: warmable(reduceOnPlateau),
}

export type ScheduleConfig = ConfigOfAny<typeof scheduleCatalog>

export const scheduleFamily = schemaFamily('Schedule', scheduleCatalog, {
  description: 'How the learning rate changes from epoch to epoch.',
})

/**
 * The learning rate of an epoch, which counts from 1; `base` is the optimizer's own. After a warm-up the schedule begins
 * as if with its first epoch: torch.optim.lr_scheduler.SequentialLR.
 */
export const scheduledRate = (config: ScheduleConfig, at: { epoch: number; base: number; state: ScheduleState }): number => {
  const schedule: Schedule = scheduleCatalog[config.type]
  const { epochs = 0, startFactor = 1 } = warmupOf(config) ?? {}
  if (at.epoch <= epochs) return at.base * (startFactor + ((1 - startFactor) * (at.epoch - 1)) / epochs)
  return schedule.rate({ ...at, epoch: at.epoch - epochs }, config)
}

/** What a schedule remembers after an epoch with this loss; start with `{}`. Epochs of a warm-up are not observed. */
export const scheduleStateAfter = (
  config: ScheduleConfig,
  at: { epoch: number; base: number; state: ScheduleState; loss: number },
): ScheduleState => {
  const schedule: Schedule = scheduleCatalog[config.type]
  if (at.epoch <= (warmupOf(config)?.epochs ?? 0)) return at.state
  return schedule.observe?.(at, config) ?? at.state
}

/** Names the types of a schedule's options. */
function defineSchedule<const Options extends TProperties, const Type extends string>(
  schedule: Schedule<Options> & { type: Type },
): Schedule<Options> & { type: Type } {
  return schedule
}

/** A factor that multiplies the rate. */
function factor(byDefault: number, description: string) {
  return Type.Number({ minimum: 0, maximum: 1e3, default: byDefault, description })
}

/** A number of epochs. */
function epochs(byDefault: number, description: string, minimum = 0) {
  return Type.Integer({ minimum, maximum: 1_000_000, default: byDefault, description })
}

/** A schedule that may be preceded by a warm-up. */
function warmable<Entry extends Schedule & { options: TProperties }>(entry: Entry) {
  return {
    ...entry,
    options: { ...entry.options, warmup: Type.Optional(ref(warmupSchema)) },
  }
}

/** Absent in configs of older versions too. */
const warmupOf = (config: ScheduleConfig) => ('warmup' in config ? config.warmup : undefined)
