/**
 * What a finished epoch says, one line a column. The engines' report, the stored row, its SQL, the API's resource and its
 * documentation all derive from this list.
 */

/** What a column holds: any float, a finite one, a float or nothing, or floats by name. */
export type EpochColumnKind = 'number' | 'finite' | 'optional' | 'named'

/** `examples` are those of the first two epochs of a documented job; `neutral` is a number of which neither more nor less is better. */
type EpochColumn = { kind: EpochColumnKind; description: string; examples: readonly [unknown, unknown]; neutral?: true }

export const epochColumns = {
  loss: {
    kind: 'number',
    description:
      "The configured loss over the full training set after the epoch's updates, in evaluation mode; NaN if it ignores all rows.",
    examples: [0.0362, 0.0002],
  },
  batchLoss: {
    kind: 'number',
    description: "Mean of the losses of the epoch's mini-batches; those of ignored rows alone do not count.",
    examples: [3.1, 0.009],
  },
  validationLoss: {
    kind: 'optional',
    description: 'The loss over the rows held back; null when there are none.',
    examples: [null, null],
  },
  learningRate: { kind: 'number', description: 'Learning rate of the epoch.', examples: [0.03, 0.03], neutral: true },
  gradientNorm: {
    kind: 'number',
    description: 'Norm of the gradient of the last mini-batch, before clipping.',
    examples: [0.41, 0.02],
    neutral: true,
  },
  seconds: {
    kind: 'finite',
    description: 'Training time of the epoch, full-set loss included.',
    examples: [0.02, 0.02],
    neutral: true,
  },
  metrics: { kind: 'named', description: 'The metrics asked for.', examples: [{}, {}] },
} as const satisfies Record<string, EpochColumn>

export type EpochColumnName = keyof typeof epochColumns

/** A column and what is known of it. */
export const epochColumnList = Object.entries(epochColumns) as [EpochColumnName, EpochColumn][]

/** What a column holds in memory. */
type ColumnValues = { number: number; finite: number; optional: number | null; named: Record<string, number> }

/** A finished epoch without its tensors. */
export type EpochRow = { epoch: number } & {
  [Column in EpochColumnName]: ColumnValues[(typeof epochColumns)[Column]['kind']]
}

/** Columns that may be empty, as the row of an engine that measures none of them has them. */
export const unmeasured = Object.fromEntries(
  epochColumnList.filter(([, { kind }]) => kind === 'optional').map(([name]) => [name, null]),
) as {
  [Column in EpochColumnName as (typeof epochColumns)[Column]['kind'] extends 'optional' ? Column : never]: null
}
