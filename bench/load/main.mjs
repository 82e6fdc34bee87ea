/**
 * The service under load: everything that is promised of it, part by part, each as a table. See scripts/bench-load.mjs for the options.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { measureBeside } from './beside.mjs'
import { measureData } from './data.mjs'
import { measureHistory } from './history.mjs'
import { measureJobs } from './jobs.mjs'
import { OptionError, readOptions } from './options.mjs'
import { measureQueue } from './queue.mjs'
import { measureStart } from './start.mjs'
import { toMarkdown, withSection } from './tables.mjs'
import { measureTurns } from './turns.mjs'
import { measureWatching } from './watching.mjs'

const measures = {
  jobs: ['Small jobs', measureJobs],
  turns: ['The first job of a second tenant', measureTurns],
  queue: ['A long queue', measureQueue],
  history: ['A long history', measureHistory],
  data: ['Data sent once', measureData],
  watchers: ['Many who wait', measureWatching],
  start: ['Starting', measureStart],
  beside: ['Beside others', measureBeside],
}

const machine = () =>
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores of ${cpus()[0]?.model}, Node ${process.versions.node}`

/** One part; one that fails costs only itself. */
const measure = async (name, options) => {
  const [title, run] = measures[name]
  const load = loadavg()[0].toFixed(1)
  process.stderr.write(`${title} ... (load average ${load})\n`)
  const result = await run(options).catch((error) => ({ failed: error.message }))
  return { name, title: `${title} (load average ${load} before)`, small: options.small, ...result }
}

const report = async (options) => {
  if (options.from) return JSON.parse(await readFile(options.from, 'utf8'))
  const parts = []
  for (const name of options.only) {
    parts.push(await measure(name, options))
    if (options.json) await writeFile(options.json, `${JSON.stringify({ machine: machine(), parts }, null, 2)}\n`)
  }
  return { machine: machine(), parts }
}

/** The whole of it. Gives the exit code: 1 if a part failed, 2 for a wrong option. */
export const main = async (args) => {
  try {
    const options = readOptions(args, Object.keys(measures))
    const measured = await report(options)
    const tables = toMarkdown(measured)
    console.log(tables)
    if (options.write) await writeFile(options.write, withSection(await readFile(options.write, 'utf8'), tables))
    return measured.parts.some(({ failed }) => failed) ? 1 : 0
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(error.message)
    return 2
  }
}
