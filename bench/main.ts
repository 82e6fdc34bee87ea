/**
 * npm run bench [-- --only notebook,mlp] [--rounds 15] [--threads 2] [--growth] [--json FILE] [--write docs/benchmarks.md]
 *               [--backend wasm] [--engine eager]
 *
 * Compares training with PyTorch where the Python of BENCH_PYTHON, `python3` unless set, has it. Prints a table; `--json`
 * keeps everything in a file, `--write` puts the table into a document.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { type Comparison, compare, type Settings } from './compare.ts'
import { type Growth, measureGrowth } from './growth.ts'
import { comparisonTable, growthTable, writeSection } from './tables.ts'
import { workloads } from './workloads.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    json: { type: 'string' },
    write: { type: 'string' },
    backend: { type: 'string', default: 'tensorflow' },
    engine: { type: 'string', default: 'graph' },
    growth: { type: 'boolean', default: false },
  },
})

const findPython = (): string | null => {
  const python = process.env.BENCH_PYTHON || 'python3'
  if (spawnSync(python, ['-c', 'import torch']).status === 0) return python
  console.log(`${python} has no PyTorch: measuring this side alone (pip install torch==2.13.0, or set BENCH_PYTHON)`)
  return null
}

const settings: Settings = {
  rounds: Number(values.rounds),
  threads: Number(values.threads),
  python: findPython(),
  backend: values.backend,
  engine: values.engine,
}

const chosen = workloads().filter(({ name }) => !values.only || values.only.split(',').includes(name))
const comparisons: Comparison[] = []
for (const workload of chosen) {
  console.log(`${workload.name}: ${workload.about}`)
  comparisons.push(await compare(workload, settings))
}
const growth: Growth[] = values.growth ? await measureGrowth({ ...settings, python: null }) : []
const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version, loadAverage: os.loadavg() }
const at = new Date().toISOString()
const conditions = `${at.slice(0, 10)}, ${settings.threads} threads on ${machine.cpu}, Node ${process.versions.node}, medians of ${settings.rounds} rounds, load average ${machine.loadAverage.map((load) => load.toFixed(1)).join(', ')}.`

const sections = [
  ...(comparisons.length > 0
    ? [{ name: values.backend === 'wasm' ? 'webassembly' : 'comparison', table: comparisonTable(comparisons) }]
    : []),
  ...(growth.length > 0 ? [{ name: 'growth', table: growthTable(growth) }] : []),
]
for (const { name, table } of sections) {
  console.log(`\n${table}\n\n${conditions}`)
  if (values.write) writeSection(values.write, name, `\n${table}\n\n${conditions}\n`)
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ at, machine, settings, comparisons, growth }, null, 2)}\n`)
