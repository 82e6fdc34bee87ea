/** Every learning-rate schedule by its type. */
import type { ConfigOfAny } from './definition.ts'
import type { Schedule, ScheduleMemo } from './schedule.ts'
import { constant } from './schedules/constant.ts'
import { cosine } from './schedules/cosine.ts'
import { exponential } from './schedules/exponential.ts'
import { linearWarmup } from './schedules/linear-warmup.ts'
import { multiStep } from './schedules/multi-step.ts'
import { reduceOnPlateau } from './schedules/reduce-on-plateau.ts'
import { step } from './schedules/step.ts'

export const scheduleCatalog = { constant, step, multiStep, exponential, cosine, linearWarmup, reduceOnPlateau }

export type ScheduleConfig = ConfigOfAny<typeof scheduleCatalog>

/** The learning rate of an epoch, which counts from 1; `base` is the optimizer's own. */
export const scheduledRate = (config: ScheduleConfig, at: { epoch: number; base: number; memo: ScheduleMemo }): number => {
  const schedule: Schedule = scheduleCatalog[config.type]
  return schedule.rate(at, config)
}

/** What a schedule remembers after an epoch with this loss; start with `{}`. */
export const scheduleMemoAfter = (config: ScheduleConfig, at: { base: number; memo: ScheduleMemo; loss: number }): ScheduleMemo => {
  const schedule: Schedule = scheduleCatalog[config.type]
  return schedule.observe?.(at, config) ?? at.memo
}
