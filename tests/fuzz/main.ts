/** `npm run fuzz [-- --count 10000] [--files 10000] [--formats csv,npz] [--seed N] [--path P]`: see docs/testing.md. */
import { parseArgs } from 'node:util'
import { type FilesReport, fileFormatNames, runFiles } from '../file-fuzz/run.ts'
import { type FuzzReport, runFuzz } from './run.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { count: text, files: text, formats: text, seed: text, path: text, lanes: text, limit: text },
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const limitMs = Number(values.limit ?? 5000)
const say = (line: string): void => console.error(line)
const only = values.formats?.split(',')
for (const format of only ?? [])
  if (!fileFormatNames.includes(format)) throw new Error(`there is no format ${format}; there are ${fileFormatNames.join(', ')}`)

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort()
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')

const show = ({ sent, statuses, mutators, deliveries, slowestMs }: FuzzReport): void => {
  console.log(`${sent} requests, seed ${seed}, slowest answer ${Math.round(slowestMs)} ms`)
  console.log(`statuses: ${counted(statuses)}`)
  console.log(`sent: ${counted(deliveries)}`)
  console.log(`mutators: ${counted(mutators)}`)
}

const showFiles = ({ formats }: FilesReport): void => {
  for (const { format, files, outcomes, slowestMs, seconds } of formats)
    console.log(
      `${format}: ${files} files, seed ${seed}, ${seconds.toFixed(0)} s, slowest ${Math.round(slowestMs)} ms; ${counted(outcomes)}`,
    )
}

const failures: string[] = []
// A path repeats one file if formats are named, else one request.
const withFiles = values.path === undefined || only !== undefined
const withRequests = only === undefined
if (withFiles) {
  const report = await runFiles({
    count: Number(values.files ?? 10_000),
    only,
    seed,
    path: values.path,
    lanes: Number(values.lanes ?? 2),
    limitMs,
    say,
  })
  showFiles(report)
  failures.push(...report.failures)
}
if (withRequests) {
  const count = Number(values.count ?? 10_000)
  const report = await runFuzz({ count, seed, path: values.path, lanes: Number(values.lanes ?? 4), limitMs, say })
  show(report)
  failures.push(...report.failures)
}
for (const failure of failures) console.error(`\nFAILED ${failure}`)
console.log(failures.length === 0 ? 'nothing was wrong' : `${failures.length} things were wrong`)
process.exitCode = failures.length === 0 ? 0 : 1
