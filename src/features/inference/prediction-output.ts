/** What a model gave for each row, in the words of its labels. */

import { fromJsonNumber, type JsonNumber, toJsonNumber } from '../../api/numbers.ts'
import type { Prediction, Predictions } from '../../api/prediction.schema.ts'
import type { PredictionOutput } from '../../api/prediction-output.schema.ts'
import { largestAt } from '../../catalog/count-classes.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import type { PredictResponse } from '../../contracts/inference.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { Checked } from '../../validation/validation-errors.ts'
import { type ClassName, type Decisions, decisionsOf, isNamed, type NamedLabel } from '../jobs/plan/classes.ts'

/** Turns a model's outputs into what is asked for. */
export type OutputWriter = (response: PredictResponse) => Predictions

/** How outputs are told: as asked, else by class if the labels have names and the loss decides; or why they cannot be. */
export const outputWriter = (plan: Plan, labels: readonly NamedLabel[], asked: PredictionOutput | undefined): Checked<OutputWriter> => {
  const { type } = plan.config.loss
  const decisions = decisionsOf(plan, labels)
  const output = asked ?? (decisions && labels.some(isNamed) ? 'class' : 'raw')
  if (output === 'raw') return { value: (response) => ({ ...response, output }) }
  if (!decisions) return { errors: [outputError(`must be raw: ${type} decides nothing for a row`)] }
  if (output === 'class')
    return {
      value: ({ epoch, predictions }) => ({ epoch, output, ...namesOf(decisions), predictions: predictions.map(deciding(decisions)) }),
    }
  const { probabilities }: Loss = lossCatalog[type]
  if (!probabilities) return { errors: [outputError(`must be class or raw: the outputs of ${type} are no probabilities`)] }
  const told = (row: JsonNumber[]): JsonNumber[] => {
    const values = probabilities(row.map(fromJsonNumber))
    const [only = Number.NaN, ...others] = values
    const isYesOrNo = decisions.decision.by === 'threshold' && others.length === 0
    return (isYesOrNo ? [1 - only, only] : values).map(toJsonNumber)
  }
  return { value: ({ epoch, predictions }) => ({ epoch, output, ...namesOf(decisions), predictions: predictions.map(told) }) }
}

const outputError = (message: string): ValidationError => ({ path: '/output', code: 'range', message })

/** The classes of the one label; several labels have classes of their own each. */
const namesOf = ({ classes }: Decisions): { classes: ClassName[] | ClassName[][] } => ({
  classes: classes.length === 1 ? (classes[0] ?? []) : classes,
})

/** The class of each label, alone if there is one; null if the outputs are not numbers, as after a loss that diverged. */
const deciding =
  ({ decision, classes }: Decisions) =>
  (row: JsonNumber[]): Prediction => {
    const values = Float32Array.from(row, fromJsonNumber)
    if (decision.by === 'largest') return values.some(Number.isNaN) ? null : (classes[0]?.[largestAt(values, 0, values.length)] ?? null)
    const decided = Array.from(values, (value, at): ClassName | null =>
      Number.isNaN(value) ? null : (classes[at]?.[Number(value > decision.above)] ?? null),
    )
    return decided.length === 1 ? (decided[0] ?? null) : decided
  }
