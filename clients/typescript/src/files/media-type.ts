/** What a file is, by the end of its name. */

/** The media type, and how the file as a whole is compressed; undefined where the name says nothing. */
export const mediaTypeOf = (name: string): { contentType: string | undefined; contentEncoding: 'gzip' | 'zstd' | undefined } => {
  const lower = name.toLowerCase()
  const compressed = Object.keys(encodings).find((end) => lower.endsWith(end))
  const plain = compressed === undefined ? lower : lower.slice(0, -compressed.length)
  const extension = /\.([a-z]+)$/.exec(plain)?.[1] ?? ''
  return { contentType: types[extension], contentEncoding: compressed === undefined ? undefined : encodings[compressed] }
}

const encodings: Record<string, 'gzip' | 'zstd'> = { '.gz': 'gzip', '.zst': 'zstd' }

const parquet = 'application/vnd.apache.parquet'
const arrow = 'application/vnd.apache.arrow.file'
const types: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  parquet,
  pq: parquet,
  parq: parquet,
  arrows: 'application/vnd.apache.arrow.stream',
  arrow,
  feather: arrow,
  ipc: arrow,
  npy: 'application/x-npy',
  npz: 'application/x-npz',
}
