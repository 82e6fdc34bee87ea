/**
 * npm run bench [-- --only notebook,mlp] [-- --rounds 15] [-- --growth] [-- --json FILE] [-- --engine eager] [-- --backend wasm]
 *
 * Compares training with PyTorch where the Python of BENCH_PYTHON, `python3` unless set, has it. Prints a table, and JSON
 * into a file where one is named.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { type Comparison, compare, type Settings } from './compare.ts'
import { type Growth, measureGrowth } from './growth.ts'
import { workloads } from './workloads.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    json: { type: 'string' },
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

const seconds = (value: number | undefined): string =>
  value === undefined ? '-' : value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`
const mebibytes = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value / 2 ** 20)} MiB`)

const row = ({ name, ours, pytorch, ratio, firstRatio, target }: Comparison): string[] => [
  name,
  seconds(ours.seconds),
  seconds(pytorch?.seconds),
  ratio?.toFixed(2) ?? '-',
  target === null ? '-' : `≥ ${target}`,
  `${seconds(ours.cpuSeconds)} / ${seconds(pytorch?.cpuSeconds)}`,
  seconds(ours.first),
  firstRatio?.toFixed(2) ?? '-',
  Math.round(ours.rowsPerSecond).toLocaleString('en'),
  `${mebibytes(ours.peakBytes)} / ${mebibytes(pytorch?.peakBytes)}`,
  `${ours.loss.toPrecision(5)} / ${pytorch?.loss.toPrecision(5) ?? '-'}`,
]

const printTable = (head: string[], rows: string[][]): void => {
  for (const cells of [head, head.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`)
}

const chosen = workloads().filter(({ name }) => !values.only || values.only.split(',').includes(name))
const comparisons: Comparison[] = []
for (const workload of chosen) {
  console.log(`${workload.name}: ${workload.about}`)
  comparisons.push(await compare(workload, settings))
}
if (comparisons.length > 0)
  printTable(
    ['work', 'ours', 'PyTorch', 'ratio', 'target', 'CPU time', 'our first job', 'first ratio', 'our rows/s', 'peak memory', 'final loss'],
    comparisons.map(row),
  )
const growth: Growth[] = values.growth ? await measureGrowth({ ...settings, python: null }) : []
if (growth.length > 0)
  printTable(
    ['grows with', 'size', 'seconds', 'times the size before', 'times the seconds before'],
    growth.map((each) => [
      each.with,
      each.size,
      seconds(each.seconds),
      each.sizeFactor?.toFixed(2) ?? '-',
      each.secondsFactor?.toFixed(2) ?? '-',
    ]),
  )
const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version, loadAverage: os.loadavg() }
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ at: new Date().toISOString(), machine, settings, comparisons, growth }, null, 2)}\n`)
