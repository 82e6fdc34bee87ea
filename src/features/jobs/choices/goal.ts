/** What a job is to learn: by the loss that was given, else by what its labels are. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import type { JobRequest } from '../../../api/job-config.schema.ts'
import { defaultsOf } from '../../../catalog/definition.ts'
import { type LossConfig, type LossType, lossCatalog, trainingLossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss } from '../../../catalog/losses/loss.ts'
import { lossOfTask, type TaskKind } from '../../../catalog/tasks.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Checked } from '../../../validation/validation-errors.ts'
import { classesOf, type KnownTable, labelKind } from './known-table.ts'
import { endOf, type ModelEnd } from './model.ts'

/** The loss, and how many outputs a model has for it; unknown for a loss of two inputs. */
export type Goal = { loss: LossConfig; outputs: number | undefined }

/** The goal of a job on these labels, or why none can be chosen. */
export const chooseGoal = (request: JobRequest, labels: readonly StoredColumn[], table: KnownTable): Checked<Goal> => {
  if (request.loss) return { value: { loss: request.loss, outputs: outputsFor(request.loss, labels, table) } }
  const end = request.model && endOf(request.model.layers)
  const { dataset } = request
  if ('features' in dataset && dataset.features && !Array.isArray(dataset.features))
    return { errors: [missing('/loss', 'must be given if features are two groups')] }
  const task = taskOf(labels, table, end)
  if ('errors' in task) return task
  const type = lossOfTask(task.value.kind, end?.activation ?? 'linear')
  return { value: { loss: lossOf(type), outputs: task.value.outputs } }
}

/** A loss with the defaults of its options. */
export const lossOf = (type: LossType): LossConfig => ({ type, ...defaultsOf(trainingLossCatalog[type]) }) as LossConfig

const outputsFor = ({ type }: LossConfig, labels: readonly StoredColumn[], table: KnownTable): number | undefined => {
  const loss: Loss = lossCatalog[type]
  if (loss.inputs === 2) return undefined
  const [label] = labels
  if (loss.target !== 'class' || labels.length !== 1 || !label) return labels.length
  // A label that holds no class indices is what planning refuses, whatever the model.
  return classesOf(label, table) ?? 2
}

/** What labels of these kinds are learned as. A yes or no is one output, unless the model that was given has two. */
const taskOf = (labels: readonly StoredColumn[], table: KnownTable, end?: ModelEnd): Checked<{ kind: TaskKind; outputs: number }> => {
  const kinds = labels.map((column) => ({ column, kind: labelKind(column, table) }))
  const errors = kinds.flatMap(({ column: { name, missing = 0 }, kind }): ValidationError[] => {
    if (missing > 0 && missing >= table.rows) return [labelError(name, 'has nothing but missing values: choose another label')]
    if (kind.is === 'text') return [labelError(name, 'is text: declare the column a category in its upload, or choose another label')]
    return kind.is === 'class' && kind.classes < 2 ? [labelError(name, 'has fewer than two levels: there is nothing to tell apart')] : []
  })
  if (errors.length > 0) return { errors }
  if (kinds.every(({ kind }) => kind.is === 'number')) return { value: { kind: 'numbers', outputs: labels.length } }
  if (kinds.every(({ kind }) => kind.is === 'decision'))
    return {
      value: labels.length === 1 && end?.outputs === 2 ? { kind: 'classes', outputs: 2 } : { kind: 'decisions', outputs: labels.length },
    }
  const [only] = kinds
  if (kinds.length === 1 && only?.kind.is === 'class') return { value: { kind: 'classes', outputs: only.kind.classes } }
  return { errors: [missing('/loss', 'must be given for several labels that are neither all numbers nor all of two levels')] }
}

const labelError = (name: string, what: string): ValidationError => ({
  path: '/dataset/labels',
  code: 'type',
  message: `column "${name}" ${what}`,
  column: name,
})

const missing = (path: string, message: string): ValidationError => ({ path, code: 'required', message })
