/** What a run came to: faults that happened, how soon the service went on, and what was wrong. */
import type { JobEvent } from '../support/e2e/api.ts'
import type { Tally } from './client.ts'
import type { Fault } from './faults/fault.ts'
import type { Happened } from './inject.ts'
import type { Monitor } from './monitor.ts'
import { nextProgress, wasRunning } from './results.ts'
import type { Queue } from './site.ts'
import type { Done } from './submitter.ts'
import type { Trainers } from './trainers/trainers.ts'

/**
 * Milliseconds from a fault's end: until every job that was running had its next epoch committed (or ended), every trainer had its
 * next answer, and every API answered.
 */
type Recovery = { epochMs: number | null; trainersMs: number | null; apiMs: number | null }
export type FaultReport = { name: string; about: string; recoveries: Recovery[] }

export type RunReport = {
  queue: Queue
  seed: number
  seconds: number
  succeeded: number
  cancelled: number
  trainers: number
  /** Requests of trainers that were answered. */
  answered: number
  faults: FaultReport[]
  /** Faults that this machine does not allow. */
  skipped: string[]
  answers: Record<string, number>
  slowestAnswerMs: number
  violations: string[]
}

export type ReportParts = {
  queue: Queue
  seed: number
  seconds: number
  done: readonly Done[]
  asked: readonly Fault[]
  happened: readonly Happened[]
  trainers: Trainers
  histories: ReadonlyMap<string, JobEvent[]>
  monitor: Monitor
  tally: Tally
  violations: string[]
  skipped: string[]
}

export const reportOf = ({
  queue,
  seed,
  seconds,
  done,
  trainers,
  asked,
  happened,
  histories,
  monitor,
  tally,
  violations,
  skipped,
}: ReportParts): RunReport => {
  const recoveryOf = ({ at, endedAt }: Happened): Recovery => {
    const running = [...histories.values()].filter((events) => wasRunning(events, at))
    const times = running.map((events) => nextProgress(events, at))
    const answers = trainers.nextAnswers(endedAt)
    const answering = monitor.answeringSince(endedAt)
    return {
      epochMs: latest(times, endedAt),
      trainersMs: latest(answers, endedAt),
      apiMs: answering === undefined ? null : answering - endedAt,
    }
  }
  return {
    ...{ queue, seed, seconds, violations, skipped, answers: tally.answers },
    succeeded: done.filter(({ status }) => status === 'succeeded').length,
    cancelled: done.filter(({ status }) => status === 'cancelled').length,
    trainers: trainers.count,
    answered: trainers.answered(),
    faults: asked.map(({ name, about }) => ({ name, about, recoveries: happened.filter(({ fault }) => fault === name).map(recoveryOf) })),
    slowestAnswerMs: Math.max(0, ...monitor.looks.filter(({ status }) => status !== null).map(({ ms }) => ms)),
  }
}

/** Milliseconds from a time to the latest of some, null if one never came. */
const latest = (times: readonly (number | undefined)[], from: number): number | null =>
  times.some((time) => time === undefined) ? null : Math.max(0, ...times.map((time) => (time ?? 0) - from))

const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)

const middle = (numbers: readonly number[]): number | undefined => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** One line per fault and queue; without jobs the time that trainers took is told. */
export const faultTable = (reports: readonly RunReport[]): string => {
  const isOfTrainers = reports.every(({ trainers, succeeded }) => trainers > 0 && succeeded === 0)
  const head = [
    'fault',
    'queue',
    'injected',
    'recovered',
    isOfTrainers ? 'all trainers answer p50' : 'next epoch p50',
    'max',
    'API answers p50',
    'max',
  ]
  const rows = reports.flatMap(({ queue, faults, skipped }) =>
    faults.map(({ name, about, recoveries }) => {
      if (skipped.includes(name)) return [about, queue, 'not possible on this machine', '-', '-', '-', '-', '-']
      const work = recoveries.flatMap(({ epochMs, trainersMs }) => (isOfTrainers ? trainersMs : epochMs) ?? [])
      const apis = recoveries.flatMap(({ apiMs }) => apiMs ?? [])
      const recovered = recoveries.filter((one) => Object.values(one).every((ms) => ms !== null)).length
      const worst = (numbers: readonly number[]): number | undefined => (numbers.length > 0 ? Math.max(...numbers) : undefined)
      const times = [middle(work), worst(work), middle(apis), worst(apis)].map(seconds)
      return [about, queue, String(recoveries.length), String(recovered), ...times]
    }),
  )
  return [head, head.map(() => '---'), ...rows].map(line).join('\n')
}

/** One sentence per run. */
export const summaryOf = ({ queue, seed, seconds: took, faults, answers, slowestAnswerMs, violations, ...work }: RunReport): string => {
  const injected = faults.reduce((sum, { recoveries }) => sum + recoveries.length, 0)
  const told = Object.entries(answers)
    .sort()
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ')
  const verdict = violations.length === 0 ? 'nothing was wrong' : `${violations.length} things were wrong`
  const jobs = `${work.succeeded} jobs succeeded, ${work.cancelled} were cancelled by clients`
  const trainers = work.trainers > 0 ? `, ${work.trainers} trainers were answered ${work.answered} requests` : ''
  return `Queue on ${queue}, seed ${seed}: ${injected} faults in ${Math.round(took)} s, ${jobs}${trainers}, ${verdict}. Attempts of the clients: ${told}; slowest answer to a list of jobs ${seconds(slowestAnswerMs)}.`
}
