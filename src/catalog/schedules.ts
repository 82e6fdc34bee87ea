/** Every learning-rate schedule by its type. */
import type { TProperties } from 'typebox'
import type { ConfigOfAny } from './definition.ts'
import { type Schedule, type ScheduleMemo, warmup } from './schedule.ts'
import { constant } from './schedules/constant.ts'
import { cosine } from './schedules/cosine.ts'
import { exponential } from './schedules/exponential.ts'
import { linearWarmup } from './schedules/linear-warmup.ts'
import { multiStep } from './schedules/multi-step.ts'
import { reduceOnPlateau } from './schedules/reduce-on-plateau.ts'
import { step } from './schedules/step.ts'

/** A schedule that may be preceded by a warm-up. */
const warmable = <Entry extends Schedule & { options: TProperties }>(entry: Entry) => ({ ...entry, options: { ...entry.options, warmup } })

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

/** Absent in configs of older versions too. */
const warmupOf = (config: ScheduleConfig) => ('warmup' in config ? config.warmup : undefined)

/**
 * The learning rate of an epoch, which counts from 1; `base` is the optimizer's own. After a warm-up the schedule begins
 * as if with its first epoch: torch.optim.lr_scheduler.SequentialLR.
 */
export const scheduledRate = (config: ScheduleConfig, at: { epoch: number; base: number; memo: ScheduleMemo }): number => {
  const schedule: Schedule = scheduleCatalog[config.type]
  const { epochs = 0, startFactor = 1 } = warmupOf(config) ?? {}
  if (at.epoch <= epochs) return at.base * (startFactor + ((1 - startFactor) * (at.epoch - 1)) / epochs)
  return schedule.rate({ ...at, epoch: at.epoch - epochs }, config)
}

/** What a schedule remembers after an epoch with this loss; start with `{}`. Epochs of a warm-up are not observed. */
export const scheduleMemoAfter = (
  config: ScheduleConfig,
  at: { epoch: number; base: number; memo: ScheduleMemo; loss: number },
): ScheduleMemo => {
  const schedule: Schedule = scheduleCatalog[config.type]
  if (at.epoch <= (warmupOf(config)?.epochs ?? 0)) return at.memo
  return schedule.observe?.(at, config) ?? at.memo
}
