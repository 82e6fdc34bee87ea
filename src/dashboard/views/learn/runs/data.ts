/** Makes a dataset, and reads some of its rows; or one mini-batch of it. */
import { get, send } from '../../../api/client.ts'
import type { Batch, Dataset } from '../../../api/types.ts'
import { invalid, type Run } from './run.ts'

/** Rows that are drawn, and the most cells that they may have. */
const maxRows = 250
const maxCells = 10_000

export const runData: Run = async ({ body, tell, signal }) => {
  const dataset = await send<Dataset>('POST', '/datasets', body, { signal })
  if (!dataset) return
  // Of a file at a URL there is only an import yet.
  if (!dataset.id.startsWith('ds_')) throw invalid('/url', 'is for the page of datasets: here the rows are part of the request')
  const batchSize = Math.max(1, Math.min(maxRows, dataset.rows, Math.floor(maxCells / dataset.columnCount)))
  const batch = await get<Batch>(`/datasets/${dataset.id}/batch?batchSize=${batchSize}&seed=1`, { signal })
  tell({ kind: 'data', dataset, batch })
}

/** The body is the query. */
export const runBatch: Run = async ({ body, find, tell, signal }) => {
  const { dataset } = find('data')
  const query = new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]))
  tell({ kind: 'batch', batch: await get<Batch>(`/datasets/${dataset.id}/batch?${query}`, { signal }) })
}
