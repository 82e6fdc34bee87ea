/**
 * npm run bench [-- --only notebook,mlp] [--rounds 15] [--threads 2] [--growth] [--json FILE] [--write docs/benchmarks.md]
 *               [--backend wasm] [--engine eager]
 *
 * Compares training with PyTorch where the Python of BENCH_PYTHON, `python3` unless set, has it. Prints a table; `--json`
 * keeps everything in a file, `--write` puts the tables into a document, all at once when everything is measured.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { candidatesFor } from '../workers/engine/backends/native/locate.ts'
import { type Comparison, compare, type Settings } from './compare.ts'
import { type Growth, measureGrowth } from './growth.ts'
import { OptionError, type Options, readOptions } from './options.ts'
import { comparisonTable, growthTable, withSection } from './tables.ts'
import { workloads } from './workloads.ts'

const findPython = (): string | null => {
  const python = process.env.BENCH_PYTHON || 'python3'
  if (spawnSync(python, ['-c', 'import torch']).status === 0) return python
  console.log(`${python} has no PyTorch: measuring this side alone (pip install torch==2.13.0, or set BENCH_PYTHON)`)
  return null
}

const requireBackend = ({ backend }: Options): void => {
  if ((backend === 'tensorflow' || backend === 'tensorflow-gpu') && candidatesFor(backend).length === 0)
    throw new OptionError('native TensorFlow is not installed: npm run tensorflow:install, or measure with --backend wasm')
}

const measure = async (): Promise<void> => {
  const known = workloads()
  const options = readOptions(
    process.argv.slice(2),
    known.map(({ name }) => name),
  )
  requireBackend(options)
  const { rounds, threads, backend, engine } = options
  const settings: Settings = { rounds, threads, backend, engine, python: findPython() }

  const comparisons: Comparison[] = []
  for (const workload of known.filter(({ name }) => options.only.includes(name))) {
    console.log(`${workload.name}: ${workload.about}`)
    comparisons.push(await compare(workload, settings))
  }
  const growth: Growth[] = options.growth ? await measureGrowth({ ...settings, python: null }) : []

  const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version, loadAverage: os.loadavg() }
  const at = new Date().toISOString()
  const load = machine.loadAverage.map((average) => average.toFixed(1)).join(', ')
  const conditions = `${at.slice(0, 10)}, ${threads} threads on ${machine.cpu}, Node ${process.versions.node}, medians of ${rounds} rounds, load average ${load}.`
  const sections = [
    { name: options.section, text: `\n${comparisonTable(comparisons)}\n\n${conditions}\n` },
    ...(growth.length > 0 ? [{ name: 'growth', text: `\n${growthTable(growth)}\n\n${conditions}\n` }] : []),
  ]
  for (const { text } of sections) console.log(text)
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ at, machine, settings, comparisons, growth }, null, 2)}\n`)
  if (options.write) writeFileSync(options.write, sections.reduce(withSection, readFileSync(options.write, 'utf8')))
}

try {
  await measure()
} catch (error) {
  console.error(error instanceof OptionError ? error.message : error)
  process.exitCode = 1
}
