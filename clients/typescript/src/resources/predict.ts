/** A request to predict, whoever's weights it is for. */
import type { CallOptions, Transport } from '../http/transport.ts'
import type { PredictionRows } from '../results.ts'
import type { Cell, Predictions } from '../types.ts'

export type PredictOptions = CallOptions & {
  /** What to tell of each row. */
  output?: 'class' | 'probability' | 'raw' | undefined
  /** The labels of each row, in the order of the job's label columns: the answer then has `metrics`. */
  labels?: readonly (readonly Cell[])[] | undefined
}

export const predictAt = (
  transport: Transport,
  path: string,
  rows: PredictionRows,
  { output, labels, ...options }: PredictOptions,
): Promise<Predictions> => {
  const byName = Array.isArray(rows) && rows.length > 0 && !Array.isArray(rows[0])
  const body = { ...(byName ? { rows } : { features: rows }), ...(labels && { labels }), ...(output && { output }) }
  return transport.json('POST', path, { ...options, body })
}
