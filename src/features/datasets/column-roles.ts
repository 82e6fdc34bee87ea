import type { ColumnRole } from '../../api/column.schema.ts'
import type { UploadOptions } from '../../api/upload-options.schema.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import { describeShape, sizeOf } from '../../numerics/shape.ts'
import { pointer } from '../../validation/validation-errors.ts'

/** Column names that a message repeats. */
const listedNames = 50

/** The role of each column; null if the options don't name it. */
export const columnRoles = (names: readonly string[], options: UploadOptions): (ColumnRole | null)[] => {
  const features = new Set(options.features)
  const labels = new Set(options.labels)
  return names.map((name) => (features.has(name) ? 'feature' : labels.has(name) ? 'label' : null))
}

/** What is wrong with upload options for a table of these columns. Of a file without a header the names are ours. */
export const optionErrors = (names: readonly string[], options: UploadOptions, { namesAreGiven = true } = {}): ValidationError[] => {
  const features = new Set(options.features)
  return [
    ...duplicates(names).map((name) => ({
      path: '/columns',
      code: 'duplicate_column',
      message: `two columns are named "${name}"`,
      column: name,
    })),
    ...unknownNames('features', names, options, namesAreGiven),
    ...unknownNames('labels', names, options, namesAreGiven),
    ...unknownNames('columns', names, options, namesAreGiven),
    ...(options.labels ?? [])
      .filter((name) => features.has(name))
      .map((name) => ({ path: '/labels', code: 'two_roles', message: `"${name}" is both a feature and a label`, column: name })),
    ...shapeErrors(options),
  ]
}

const duplicates = (names: readonly string[]): string[] => {
  const seen = new Set<string>()
  return [...new Set(names.filter((name) => seen.has(name) || !seen.add(name)))]
}

const unknownNames = (
  key: 'features' | 'labels' | 'columns',
  names: readonly string[],
  options: UploadOptions,
  namesAreGiven: boolean,
): ValidationError[] => {
  const known = new Set(names)
  const hint = namesAreGiven ? '' : '; the first line was taken for data, say ?header=true if it has the names'
  const listed = names.slice(0, listedNames).join(', ')
  const named = key === 'columns' ? Object.keys(options.columns ?? {}) : (options[key] ?? [])
  return named.flatMap((name, index) =>
    known.has(name)
      ? []
      : [
          {
            path: pointer(key, key === 'columns' ? name : index),
            code: 'unknown_column',
            message: `there is no column "${name}"; there are ${listed}${names.length > listedNames ? ', …' : ''}${hint}`,
            value: name,
          },
        ],
  )
}

const shapeErrors = ({ inputShape, features }: UploadOptions): ValidationError[] => {
  if (!inputShape || !features) return []
  const size = sizeOf(inputShape)
  if (size === features.length) return []
  const message = `inputShape ${describeShape(inputShape)} holds ${size} values, but there are ${features.length} feature columns`
  return [{ path: '/inputShape', code: 'shape_mismatch', message, value: inputShape }]
}
