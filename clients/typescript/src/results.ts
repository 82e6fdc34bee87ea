/** What a job gives, in the types of programs. */
import type { Tensors } from './files/safetensors.ts'
import type { Cell, Row } from './types.ts'

/** Of the last mini-batch of an epoch. `values` are flat, row-major, and absent where only norms were recorded or asked for. */
export type Gradient = { epoch: number; parameter: string; shape: number[]; norm: number; values?: Float32Array }

export type Weights = Tensors & {
  /** What the service calls the file: job, epoch and layout. */
  fileName: string | undefined
}

/** Rows by column name, rows as arrays in the order of the feature columns, or two such inputs `{a, b}`. */
export type PredictionRows = readonly Row[] | readonly (readonly Cell[])[] | { a: Cell[][]; b: Cell[][] }
