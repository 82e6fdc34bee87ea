/** The command line of `npm run test:chaos`. */
import { parseArgs } from 'node:util'
import type { Queue } from './site.ts'

export type ChaosOptions = {
  queues: Queue[]
  jobs: number
  trainers: number
  seconds: number
  seed: number
  faults: string[]
  /** Sequences of the lease's simulation; undefined: chaos instead. */
  simulation: number | undefined
  /** Where in the seed's sequences a failure of the simulation lay. */
  path: string | undefined
  write: string | undefined
}

/** Said in place of a stack trace. */
export class OptionError extends Error {}

export const usage = `npm run test:chaos -- [--queue postgres|redis] [--jobs 200] [--seconds 1200] [--seed N] [--faults a,b] [--write docs/benchmarks.md]
npm run test:chaos -- --trainers 200 [--seconds 120] [the same]
npm run test:chaos -- --simulation 5000 [--seed N [--path P]]`

export const readOptions = (args: string[], known: readonly string[]): ChaosOptions => {
  const text = { type: 'string' } as const
  const parsed = parse(() =>
    parseArgs({
      args,
      options: {
        queue: text,
        jobs: text,
        trainers: text,
        seconds: text,
        seed: text,
        faults: text,
        simulation: text,
        path: text,
        write: text,
      },
    }),
  )
  const faults = parsed.faults?.split(',') ?? [...known]
  const strange = faults.filter((fault) => !known.includes(fault))
  if (strange.length > 0) throw new OptionError(`no such fault: ${strange.join(', ')}; there are ${known.join(', ')}`)
  if (parsed.queue !== undefined && parsed.queue !== 'postgres' && parsed.queue !== 'redis') throw new OptionError(usage)
  const trainers = number('trainers', parsed.trainers, 0)
  const jobs = number('jobs', parsed.jobs, trainers > 0 ? 0 : 200)
  // What trainers do passes through no queue.
  const queues: Queue[] = jobs > 0 ? ['postgres', 'redis'] : ['postgres']
  return {
    queues: parsed.queue ? [parsed.queue] : queues,
    ...{ jobs, trainers },
    seconds: number('seconds', parsed.seconds, jobs > 0 ? 1200 : 120),
    seed: number('seed', parsed.seed, Math.floor(Math.random() * 2 ** 31)),
    faults,
    simulation: parsed.simulation === undefined ? undefined : number('simulation', parsed.simulation, 0),
    path: parsed.path,
    write: parsed.write,
  }
}

const parse = (read: () => { values: Record<string, string | undefined> }): Record<string, string | undefined> => {
  try {
    return read().values
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

const number = (name: string, given: string | undefined, byDefault: number): number => {
  const value = given === undefined ? byDefault : Number(given)
  if (!Number.isInteger(value) || value < 0) throw new OptionError(`--${name} must be a whole number`)
  return value
}
