/** `npm run fuzz [-- --count 10000] [--seed N] [--path P]`: see docs/testing.md. */
import { parseArgs } from 'node:util'
import { type FuzzReport, runFuzz } from './run.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { count: text, seed: text, path: text, lanes: text, limit: text } })
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort()
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')

const show = ({ sent, statuses, mutators, deliveries, slowestMs, failures }: FuzzReport): void => {
  console.log(`${sent} requests, seed ${seed}, slowest answer ${Math.round(slowestMs)} ms`)
  console.log(`statuses: ${counted(statuses)}`)
  console.log(`sent: ${counted(deliveries)}`)
  console.log(`mutators: ${counted(mutators)}`)
  for (const failure of failures) console.error(`\nFAILED ${failure}`)
  console.log(failures.length === 0 ? 'nothing was wrong' : `${failures.length} things were wrong`)
}

const report = await runFuzz({
  count: Number(values.count ?? 10_000),
  seed,
  path: values.path,
  lanes: Number(values.lanes ?? 4),
  limitMs: Number(values.limit ?? 5000),
  say: (line) => console.error(line),
})
show(report)
process.exitCode = report.failures.length === 0 ? 0 : 1
