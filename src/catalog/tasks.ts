/** What a model is trained for, as far as its labels say it: which losses fit, and what is measured. */
import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'
import { type MetricType, metricMisfit } from './metrics.ts'

/** `numbers`: labels that are quantities. `decisions`: each label a yes or no. `classes`: one label that is one of several classes. */
export type TaskKind = 'numbers' | 'decisions' | 'classes'

/** The first loss is the usual one, for outputs as a linear layer gives them. */
const tasks: Record<TaskKind, { losses: readonly [LossType, ...LossType[]]; metrics: readonly MetricType[] }> = {
  numbers: { losses: ['mse'], metrics: ['r2', 'mae'] },
  decisions: { losses: ['bceWithLogits', 'bce'], metrics: ['accuracy', 'f1'] },
  classes: { losses: ['crossEntropy', 'nll'], metrics: ['accuracy', 'f1'] },
}

/** The loss for a task, and for what the model's last activation makes of its outputs. */
export const lossOfTask = (kind: TaskKind, lastActivation: string): LossType => {
  const [usual, ...others] = tasks[kind].losses
  return others.find((type) => lastActivationOf(type) === lastActivation) ?? usual
}

/** What is measured of a model that is trained by a loss; nothing if no metric fits it. */
export const metricsOfLoss = (loss: LossType): MetricType[] => {
  const fitting = Object.values(tasks).find(({ metrics }) => metrics.every((metric) => !metricMisfit(metric, loss)))
  return [...(fitting?.metrics ?? [])]
}

/** The last activation of a model that is trained by a loss. */
export const lastActivationOf = (type: LossType): NonNullable<Loss['lastActivation']> | 'linear' => {
  const loss: Loss = lossCatalog[type]
  return loss.lastActivation ?? 'linear'
}
