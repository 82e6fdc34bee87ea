/** So many mutated files of each format, read by the service's own readers without a service around them. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { patched, patches } from '../fuzz/arbitraries/bytes.ts'
import { type Format, formats } from '../fuzz/arbitraries/uploads.ts'
import { rawZstd } from '../support/zstd-frames.ts'
import type { FileTold } from './reader.child.ts'
import { createFileReader } from './reader.ts'

export type FilesOptions = {
  /** Files of each format. */
  count: number
  /** Names of formats; all unless given. */
  only?: readonly string[] | undefined
  seed: number
  path?: string | undefined
  /** Processes at a time. */
  lanes: number
  /** How long a file may take. */
  limitMs: number
  say: (text: string) => void
}

export type FormatReport = { format: string; files: number; outcomes: Record<string, number>; slowestMs: number; seconds: number }
export type FilesReport = { formats: FormatReport[]; failures: string[] }

/** Formats by the name that the service has for them, each with what its files come compressed as. */
const fileFormats: Record<string, { of: string; encoding: string }> = {
  csv: { of: 'csv', encoding: '' },
  tsv: { of: 'tsv', encoding: '' },
  ndjson: { of: 'ndjson', encoding: '' },
  json: { of: 'json', encoding: '' },
  parquet: { of: 'parquet', encoding: '' },
  arrow: { of: 'arrow stream', encoding: '' },
  arrowFile: { of: 'arrow file', encoding: '' },
  npy: { of: 'npy', encoding: '' },
  npz: { of: 'npz', encoding: '' },
  'csv.gz': { of: 'csv', encoding: 'gzip' },
  'ndjson.zst': { of: 'ndjson', encoding: 'zstd' },
}

/** Names of all formats that there are files of. */
export const fileFormatNames: readonly string[] = Object.keys(fileFormats)

const pack: Record<string, (bytes: Buffer) => Buffer> = { gzip: (bytes) => gzipSync(bytes), zstd: (bytes) => rawZstd(bytes, { size: 100 }) }

/** Files of a format: one in eight is a good one, of the others the bytes were changed, of compressed ones before or after. */
const filesOf = (name: string): fc.Arbitrary<FileTold> => {
  const { of = name, encoding = '' } = fileFormats[name] ?? {}
  const { files } = formats.find((format: Format) => format.name === of) as Format
  const compress = pack[encoding] ?? ((bytes) => bytes)
  const bytes = fc.oneof(
    { weight: 1, arbitrary: files.map(compress) },
    { weight: 7, arbitrary: fc.tuple(files, patches).map(([file, list]) => patched(compress(file), list)) },
    { weight: encoding === '' ? 0 : 3, arbitrary: fc.tuple(files, patches).map(([file, list]) => compress(patched(file, list))) },
  )
  return bytes.map((file) => ({ format: name.split('.')[0] ?? name, encoding, bytes: file }))
}

/** Reads that may go into making one failure smaller. */
const maxShrinks = 60
const maxFailures = 20

export const runFiles = async (options: FilesOptions): Promise<FilesReport> => {
  const report: FilesReport = { formats: [], failures: [] }
  for (const format of fileFormatNames)
    if (!options.only || options.only.includes(format)) report.formats.push(await runFormat(format, options, report.failures))
  return report
}

const runFormat = async (format: string, options: FilesOptions, failures: string[]): Promise<FormatReport> => {
  const began = performance.now()
  const report: FormatReport = { format, files: 0, outcomes: {}, slowestMs: 0, seconds: 0 }
  const lanes = options.path === undefined ? options.lanes : 1
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(format, lane, options, report, failures)))
  report.seconds = (performance.now() - began) / 1000
  options.say(`${format}: ${report.files} files in ${report.seconds.toFixed(0)} s`)
  return report
}

const runLane = async (format: string, lane: number, options: FilesOptions, report: FormatReport, failures: string[]): Promise<void> => {
  const reader = createFileReader(options.limitMs)
  let shrinks = 0
  const property = fc.asyncProperty(filesOf(format), async (file) => {
    if (shrinks > maxShrinks) return
    const { outcome, wrong, ms } = await reader.read(file)
    if (shrinks === 0) {
      report.files += 1
      report.slowestMs = Math.max(report.slowestMs, ms)
      report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1
    }
    if (wrong || shrinks > 0) shrinks += 1
    if (wrong) throw new Error(wrong)
  })
  let seed = options.path === undefined ? options.seed + 1_000_003 * lane : options.seed
  try {
    for (let left = Math.ceil(options.count / options.lanes), failed = 0; left > 0 && failed < maxFailures; failed++) {
      shrinks = 0
      const details = await fc.check(property, { seed, numRuns: left, path: options.path })
      if (!details.failed) return
      const [smallest] = details.counterexample ?? []
      const error = details.errorInstance instanceof Error ? details.errorInstance.message : 'failed'
      const bytes = Buffer.from(smallest?.bytes ?? []).toString('base64')
      failures.push(
        `${format}: ${error}\n  ${smallest?.bytes.length} bytes, in base64: ${bytes.slice(0, 20_000)}\n  again: npm run fuzz -- --formats ${format} --seed ${details.seed} --path ${details.counterexamplePath}`,
      )
      options.say(`${format}: ${error.slice(0, 300)} (seed ${details.seed}, path ${details.counterexamplePath})`)
      left -= details.numRuns
      seed += 7919
      if (options.path !== undefined) return
    }
  } finally {
    reader.close()
  }
}
