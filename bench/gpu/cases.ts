/** What `npm run gpu:check` trains: the timed jobs of the benchmark, and the runs whose every epoch PyTorch computed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TrainingData } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { planJob } from '../../tests/support/engine-jobs.ts'
import { ours, type ReferenceRun, readReferenceRuns, requestOf, tableOf } from '../../tests/support/reference-runs.ts'
import { prepare } from '../prepare.ts'
import { workloads } from '../workloads.ts'

/** Flat values by `epoch/kind/name`, kind being `loss`, `gradient` or `weight`. */
export type Numbers = Map<string, ArrayLike<number>>

/** A job in a folder that an engine's process reads. */
export type Case = {
  name: string
  folder: string
  /** Trained so often; what is timed is the median without the first. */
  rounds: number
  /** What PyTorch computed; null if it only trains beside us. */
  reference: Numbers | null
}

/** @param only how the names begin of those that are wanted; all if empty */
export const prepareCases = (folder: string, { rounds, only }: { rounds: number; only: readonly string[] }): Case[] => {
  const isWanted = ({ name }: { name: string }): boolean => only.length === 0 || only.some((beginning) => name.startsWith(beginning))
  return [
    ...workloads()
      .filter(({ name }) => ['notebook', 'mlp', 'conv'].includes(name))
      .filter(isWanted)
      .map((workload) => {
        const each = { name: workload.name, folder: path.join(folder, workload.name), rounds, reference: null }
        prepare(workload, each.folder)
        return each
      }),
    ...readReferenceRuns()
      .filter(isWanted)
      .map((run) => {
        const each = { name: run.name, folder: path.join(folder, `reference-${run.name.replaceAll(/\W+/g, '-')}`), rounds: 1 }
        write(each.folder, planJob(requestOf(run), tableOf(run)))
        return { ...each, reference: numbersOf(run) }
      }),
  ]
}

const write = (folder: string, { plan, data }: { plan: Plan; data: TrainingData }): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan))
  const [features = new Float32Array()] = data.features
  for (const [name, values] of Object.entries({ features, labels: data.labels }))
    writeFileSync(path.join(folder, `${name}.bin`), new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

const numbersOf = (run: ReferenceRun): Numbers => {
  const numbers: Numbers = new Map()
  for (const { epoch, loss, gradients, weights } of run.epochs) {
    numbers.set(`${epoch}/loss/`, [loss])
    for (const [kind, tensors] of Object.entries({ gradient: gradients, weight: weights }))
      for (const [theirName, tensor] of Object.entries(tensors)) {
        const { name, values } = ours(run, theirName, tensor)
        numbers.set(`${epoch}/${kind}/${name}`, values)
      }
  }
  return numbers
}
