/** What a file is, by the ending of its name. */

export type FileKind = { contentType: string; contentEncoding?: 'gzip' | 'zstd' }

const types: Record<string, string> = {
  csv: 'text/csv',
  txt: 'text/csv',
  tsv: 'text/tab-separated-values',
  tab: 'text/tab-separated-values',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  pq: 'application/vnd.apache.parquet',
  parq: 'application/vnd.apache.parquet',
  arrows: 'application/vnd.apache.arrow.stream',
  arrow: 'application/vnd.apache.arrow.file',
  feather: 'application/vnd.apache.arrow.file',
  ipc: 'application/vnd.apache.arrow.file',
  npy: 'application/x-npy',
  npz: 'application/x-npz',
}

const encodings: Record<string, 'gzip' | 'zstd'> = { gz: 'gzip', zst: 'zstd' }

/** Endings of files that can be uploaded, for an `accept` and for people. */
export const endings = Object.keys(types).map((ending) => `.${ending}`)

/** Undefined if the ending is not known; `.gz` and `.zst` behind another one say how the file is compressed. */
export const fileKind = (name: string): FileKind | undefined => {
  const parts = name.toLowerCase().split('.').slice(1)
  const contentEncoding = encodings[parts.at(-1) ?? '']
  const contentType = types[parts.at(contentEncoding ? -2 : -1) ?? '']
  return contentType === undefined ? undefined : { contentType, ...(contentEncoding && { contentEncoding }) }
}
