/** Trains one job on both sides in turn, so that whatever else the machine does falls on both. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { prepare } from './prepare.ts'
import { type Measured, type Side, startSide } from './side.ts'
import type { Workload } from './workloads.ts'

export type Settings = { rounds: number; threads: number; python: string | null; backend: string; engine: string }

/** Medians of one side; `first` is the first job, compiling and warming up included. */
export type SideResult = { seconds: number; cpuSeconds: number; first: number; rowsPerSecond: number; peakBytes: number; loss: number }

export type Comparison = {
  name: string
  about: string
  target: number | null
  rounds: number
  ours: SideResult
  pytorch: SideResult | null
  /** Median over rounds of PyTorch's seconds divided by ours; above 1 we are faster. */
  ratio: number | null
  /** The same for the first job of both processes. */
  firstRatio: number | null
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

const summarize = (all: readonly Measured[], rows: number): SideResult => {
  const seconds = median(all.slice(1).map((each) => each.seconds))
  return {
    seconds,
    cpuSeconds: median(all.slice(1).map((each) => each.cpuSeconds)),
    first: all[0]?.seconds ?? Number.NaN,
    rowsPerSecond: rows / seconds,
    peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)),
    loss: all.at(-1)?.loss ?? Number.NaN,
  }
}

const here = (name: string): string => path.join(import.meta.dirname, name)

const startOurs = (folder: string, { threads, backend, engine }: Settings): Promise<Side> =>
  startSide(process.execPath, ['--import', 'tsx', here('trainyard.ts'), folder, backend, engine], {
    TF_NUM_INTRAOP_THREADS: String(threads),
  })

const startPyTorch = (folder: string, { threads }: Settings, python: string): Promise<Side> =>
  startSide(python, [here('pytorch.py'), folder, String(threads)], { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) })

/** Measures one job; with `python` null our side alone. */
export const compare = async (workload: Workload, settings: Settings): Promise<Comparison> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'trainyard-bench-'))
  const sides: Side[] = []
  try {
    const plan = prepare(workload, folder)
    const ours = await startOurs(folder, settings)
    sides.push(ours)
    const theirs = settings.python ? await startPyTorch(folder, settings, settings.python) : null
    if (theirs) sides.push(theirs)
    const measured = { ours: [] as Measured[], theirs: [] as Measured[] }
    // The first round warms both up and is told apart.
    for (let round = 0; round <= settings.rounds; round += 1) {
      measured.ours.push(await ours.train())
      if (theirs) measured.theirs.push(await theirs.train())
    }
    const rows = plan.trainingRows * plan.config.training.epochs
    const ratios = measured.theirs.map(({ seconds }, round) => seconds / (measured.ours[round]?.seconds ?? Number.NaN))
    return {
      name: workload.name,
      about: workload.about,
      target: settings.backend === 'tensorflow' ? (workload.target ?? null) : null,
      rounds: settings.rounds,
      ours: summarize(measured.ours, rows),
      pytorch: theirs ? summarize(measured.theirs, rows) : null,
      ratio: theirs ? median(ratios.slice(1)) : null,
      firstRatio: ratios[0] ?? null,
    }
  } finally {
    for (const side of sides) side.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
