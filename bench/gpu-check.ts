/**
 * npm run gpu:check [-- --rounds 5] [--only notebook,mlp,conv] [--json FILE] [--backend tensorflow-gpu] [--beside tensorflow]
 *
 * Trains on this machine's NVIDIA GPU and on its CPU the jobs that the benchmark times and the runs that PyTorch computed, compares
 * the numbers, times both (and PyTorch, where the Python of BENCH_PYTHON, `python3` unless set, has it), and says what came of it.
 * Ends with 0 if all numbers are right, 1 if not, 2 without a GPU. `--backend wasm --beside tensorflow` compares any other two.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { probeNative } from '../workers/engine/backends/native/probe.ts'
import { median } from './compare.ts'
import { type Case, prepareCases } from './gpu/cases.ts'
import { distances } from './gpu/compare-numbers.ts'
import { isRight, numbersTable, type Outcome, timesTable, verdict } from './gpu/report.ts'
import { startEngine, type Trained, trainCase } from './gpu/train-case.ts'
import { type Side, startSide } from './side.ts'

const read = (command: string, args: string[]): string | null => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

const failureOf = (error: unknown): string => (error instanceof Error ? (error.message.split('\n').at(-1) ?? error.message) : String(error))

/** Without the first round, which compiles; of the first if it is the only one. */
const typical = (seconds: readonly number[]): number => median(seconds.length > 1 ? seconds.slice(1) : seconds)

const timePyTorch = async (python: string, { folder, rounds }: Case, device: string): Promise<number> => {
  const args = [path.join(import.meta.dirname, 'pytorch.py'), folder, String(os.availableParallelism()), device]
  const side = await startSide(python, args)
  try {
    const seconds: number[] = []
    for (let round = 0; round < rounds; round += 1) seconds.push((await side.train()).seconds)
    return typical(seconds)
  } finally {
    side.stop()
  }
}

/** PyTorch of this machine, and whether it sees the GPU too. */
type PyTorch = { python: string; cuda: boolean }

const findPyTorch = (): PyTorch | null => {
  const python = process.env.BENCH_PYTHON || 'python3'
  const cuda = read(python, ['-c', 'import torch; print(torch.cuda.is_available())'])
  return cuda === null ? null : { python, cuda: cuda === 'True' }
}

type Sides = { tested: Side; beside: Side; tf32: Side | null; pytorch: PyTorch | null }

const timesOf = async (each: Case, { tf32, pytorch }: Sides, [tested, beside]: [Trained, Trained]): Promise<Outcome['times']> => {
  if (each.reference) return null
  return {
    tested: typical(tested.seconds),
    beside: typical(beside.seconds),
    tf32: tf32 ? typical((await trainCase(tf32, each)).seconds) : null,
    pytorch: pytorch && {
      tested: pytorch.cuda ? await timePyTorch(pytorch.python, each, 'cuda') : null,
      beside: await timePyTorch(pytorch.python, each, 'cpu'),
    },
  }
}

const check = async (each: Case, sides: Sides): Promise<Outcome> => {
  try {
    const [tested, beside] = [await trainCase(sides.tested, each), await trainCase(sides.beside, each)]
    const { name, reference } = each
    return {
      name,
      apart: distances(tested.numbers, beside.numbers),
      fromReference: reference && { tested: distances(tested.numbers, reference), beside: distances(beside.numbers, reference) },
      repeats: tested.repeats,
      times: await timesOf(each, sides, [tested, beside]),
    }
  } catch (error) {
    return { name: each.name, apart: { failed: failureOf(error) }, fromReference: null, repeats: false, times: null }
  }
}

const readOptions = () =>
  parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      backend: { type: 'string', default: 'tensorflow-gpu' },
      beside: { type: 'string', default: 'tensorflow' },
    },
  }).values

/** Prints what GPU there is; false if native TensorFlow can't use one. */
const showDevices = async (): Promise<boolean> => {
  const cards = read('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'])
  console.log(
    cards ? `NVIDIA's driver sees: ${cards.replaceAll('\n', '; ')}` : "NVIDIA's driver sees no GPU here (nvidia-smi is missing or fails)",
  )
  const report = await probeNative('tensorflow-gpu')
  if (!report.ok) {
    console.log(`No job can train on a GPU here: ${report.reason}`)
    return false
  }
  const { version, candidate, milliseconds } = report
  console.log(
    `TensorFlow ${version} out of ${candidate.package} trained one step on the GPU ${Math.round(milliseconds)} ms after it began to load`,
  )
  return true
}

const main = async (): Promise<number> => {
  const options = readOptions()
  const onGpu = options.backend === 'tensorflow-gpu'
  if (onGpu && !(await showDevices())) return 2
  const names = onGpu ? { tested: 'GPU', beside: 'CPU' } : { tested: options.backend, beside: options.beside }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trainyard-gpu-'))
  const running: Side[] = []
  const start = async (backend: string, environment?: Record<string, string>): Promise<Side> => {
    const side = await startEngine(backend, environment)
    running.push(side)
    return side
  }
  try {
    const cases = prepareCases(folder, { rounds: Number(options.rounds), only: options.only.split(',').filter(Boolean) })
    const [tested, beside] = [await start(options.backend), await start(options.beside)]
    // Faster multiplication of fewer bits, which jobs do not use: what it would be worth.
    const tf32 = onGpu ? await start(options.backend, { NVIDIA_TF32_OVERRIDE: '1' }) : null
    const sides: Sides = { tested, beside, tf32, pytorch: findPyTorch() }
    const outcomes: Outcome[] = []
    for (const each of cases) {
      outcomes.push(await check(each, sides))
      console.log(`${outcomes.length} of ${cases.length}: ${each.name}`)
    }
    const sections = [numbersTable(outcomes, names), timesTable(outcomes, names), verdict(outcomes, names)]
    console.log(`\nloss / gradient / weight, the largest distance as a share of each tensor's largest value\n\n${sections.join('\n\n')}`)
    if (options.json)
      writeFileSync(
        options.json,
        `${JSON.stringify({ at: new Date().toISOString(), options, engine: tested.greeting, outcomes }, null, 2)}\n`,
      )
    return outcomes.every(isRight) ? 0 : 1
  } finally {
    for (const side of running) side.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
