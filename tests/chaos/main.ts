/** `npm run test:chaos`: see docs/testing.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import fc from 'fast-check'
import { hasSection, withSection } from '../../bench/tables.ts'
import { steps } from '../simulation/operations.ts'
import { openSimulation } from '../simulation/simulate.ts'
import { type ChaosOptions, OptionError, readOptions } from './options.ts'
import { faultTable, type RunReport, summaryOf } from './report.ts'
import { allFaults, runChaos } from './run.ts'
import { kinds } from './workload.ts'

/** Where a document has the table: trainers alone have one of their own. */
const sectionOf = ({ jobs }: ChaosOptions): string => (jobs > 0 ? 'faults' : 'faults to trainers')

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!stopped.signal.aborted) console.error('stopping, and clearing away')
    stopped.abort(new Error('stopped'))
  })
}

const runAll = async (options: ChaosOptions): Promise<RunReport[]> => {
  const reports: RunReport[] = []
  for (const queue of options.queues) {
    const started = Date.now()
    const say = (text: string): void => console.error(`${queue} ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`)
    const { jobs, trainers, seconds, seed, faults } = options
    const report = await runChaos({
      ...{ queue, jobs, trainers, seconds, seed, faults, say },
      ...{ kinds: Object.keys(kinds), variants: 2, scale: 1, clients: 8, signal: stopped.signal },
    })
    console.error(summaryOf(report))
    reports.push(report)
  }
  return reports
}

/** The lease's state machine, so many sequences of steps. */
const simulate = async (numRuns: number, { seed, path }: ChaosOptions): Promise<void> => {
  const simulation = await openSimulation()
  try {
    await fc.assert(fc.asyncProperty(steps, simulation.run), { numRuns, seed, path, includeErrorInReport: true })
    console.log(`${numRuns} sequences from seed ${seed}: nothing was wrong`)
  } finally {
    await simulation.close()
  }
}

const main = async (): Promise<void> => {
  const options = readOptions(
    process.argv.slice(2),
    allFaults.map(({ name }) => name),
  )
  if (options.simulation !== undefined) return simulate(options.simulation, options)
  const section = sectionOf(options)
  if (options.write && !hasSection(readFileSync(options.write, 'utf8'), section))
    throw new OptionError(`${options.write} has no section <!-- ${section} -->`)
  const again = `npm run test:chaos -- --seed ${options.seed} --jobs ${options.jobs} --trainers ${options.trainers}${options.queues.length === 1 ? ` --queue ${options.queues[0]}` : ''}`
  console.error(`seed ${options.seed}`)
  try {
    const reports = await runAll(options)
    const machine = `${new Date().toISOString().slice(0, 10)}, ${os.availableParallelism()} cores of ${os.cpus()[0]?.model}, Node ${process.versions.node}, load average ${os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}.`
    const text = `\n${faultTable(reports)}\n\n${reports.map(summaryOf).join('\n')}\n${machine}\n`
    console.log(text)
    for (const { queue, violations } of reports) for (const violation of violations) console.error(`${queue}: ${violation}`)
    if (reports.some(({ violations }) => violations.length > 0)) throw new Error('something was wrong')
    if (options.write) writeFileSync(options.write, withSection(readFileSync(options.write, 'utf8'), { name: section, text }))
  } catch (error) {
    if (!stopped.signal.aborted) console.error(`to repeat: ${again}`)
    throw error
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof OptionError || stopped.signal.aborted ? (error as Error).message : error)
  process.exitCode = 1
}
