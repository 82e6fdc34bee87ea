import type { ColumnRole, UploadOptions } from '../../contracts/dataset.ts'
import { pointer } from '../../contracts/faults.ts'
import type { Fault } from '../../contracts/problems.ts'

/** The role of each column; null where the options don't name it. */
export const columnRoles = (names: readonly string[], { features, labels }: UploadOptions): (ColumnRole | null)[] =>
  names.map((name) => (features?.includes(name) ? 'feature' : labels?.includes(name) ? 'label' : null))

/** What is wrong with upload options for a table of these columns; `at` is where the options lie in the request. */
export const optionFaults = (names: readonly string[], options: UploadOptions, at = ''): Fault[] => [
  ...duplicates(names).map((name) => ({
    path: `${at}/columns`,
    code: 'duplicate_column',
    message: `two columns are named "${name}"`,
    column: name,
  })),
  ...unknownNames('features', names, options, at),
  ...unknownNames('labels', names, options, at),
  ...(options.labels ?? [])
    .filter((name) => options.features?.includes(name))
    .map((name) => ({ path: `${at}/labels`, code: 'two_roles', message: `"${name}" is both a feature and a label`, column: name })),
  ...shapeFaults(options, at),
]

const duplicates = (names: readonly string[]): string[] => [...new Set(names.filter((name, at) => names.indexOf(name) < at))]

const unknownNames = (key: 'features' | 'labels', names: readonly string[], options: UploadOptions, at: string): Fault[] =>
  (options[key] ?? []).flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: at + pointer(key, index),
            code: 'unknown_column',
            message: `there is no column "${name}"; there are ${names.join(', ')}`,
            value: name,
          },
        ],
  )

const shapeFaults = ({ inputShape, features }: UploadOptions, at: string): Fault[] => {
  if (!inputShape || !features) return []
  const size = inputShape.reduce((product, axis) => product * axis, 1)
  if (size === features.length) return []
  const message = `inputShape [${inputShape.join(', ')}] holds ${size} values, but there are ${features.length} feature columns`
  return [{ path: `${at}/inputShape`, code: 'shape_mismatch', message, value: inputShape }]
}
