/** Examples that a client gives: whether the model's inputs and its loss can take their numbers. */
import { layerDefinition } from '../../../src/catalog/layers/all-layers.ts'
import { lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import type { Loss } from '../../../src/catalog/losses/loss.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf } from '../../../src/numerics/must.ts'
import { errorsOfEach } from '../../../src/validation/validation-errors.ts'

type Rule = { allows: (value: number) => boolean; expected: string }

/** Inputs that must be indices of the model's first table, and are not. */
export const inputErrors = ({ layers }: Plan, features: readonly number[][]): ValidationError[] => {
  const reader = layers.find(
    ({ config }) => layerDefinition(config).indices?.(config) !== undefined || !layerDefinition(config).keepsIndices?.(config),
  )
  const indices = reader && layerDefinition(reader.config).indices?.(reader.config)
  if (indices === undefined) return []
  return errorsAt(features, 'features', {
    allows: (value) => Number.isInteger(value) && value >= 0 && value < indices,
    expected: `an index from 0 to ${indices - 1}, which layer ${reader?.index} reads`,
  })
}

/** Labels that the loss cannot take. */
export const labelErrors = (plan: Plan, labels: readonly number[][]): ValidationError[] => {
  const rule = labelRule(plan)
  return rule ? errorsAt(labels, 'labels', rule) : []
}

/** The first of many labels that the loss cannot take. */
export const unfitLabel = (plan: Plan, labels: Float32Array): { value: number; expected: string } | undefined => {
  const rule = labelRule(plan)
  const value = rule && labels.find((label) => !rule.allows(label))
  return rule && value !== undefined ? { value, expected: rule.expected } : undefined
}

const labelRule = ({ config: { loss }, data, outputShape }: Plan): Rule | undefined => {
  const { target, targetRange }: Loss = lossCatalog[loss.type]
  const classes = lastOf(outputShape)
  if (target === 'class') {
    // Of the outputs' rank, labels are class probabilities.
    if (data.labelShape.length === outputShape.length) return undefined
    const ignored = 'ignoreIndex' in loss ? loss.ignoreIndex : undefined
    return {
      allows: (value) => value === ignored || (Number.isInteger(value) && value >= 0 && value < classes),
      expected: `a class index from 0 to ${classes - 1}${ignored === undefined ? '' : `, or the ignoreIndex ${ignored}`}`,
    }
  }
  if (target === 'classList')
    return { allows: (value) => Number.isInteger(value) && value < classes, expected: `a class index below ${classes}` }
  if (target === 'sign') return { allows: (value) => value === 1 || value === -1, expected: '1 or -1' }
  const range = targetRange?.(loss as never)
  return range && { allows: (value) => value >= range.lowest && value <= range.highest, expected: range.expected }
}

const errorsAt = (table: readonly number[][], name: string, { allows, expected }: Rule): ValidationError[] =>
  errorsOfEach(table, (row, at) => {
    const wrong = row.findIndex((value) => !allows(value))
    return wrong < 0 ? undefined : { path: `/${name}/${at}/${wrong}`, code: 'range', message: `must be ${expected}`, value: row[wrong] }
  })
