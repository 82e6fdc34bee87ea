/** Sends so many mutated requests to a running service and tells what was wrong, made as small as it gets. */
import fc from 'fast-check'
import { allCases } from './arbitraries/cases.ts'
import { describe, type FuzzCase } from './case.ts'
import { exchange, type Outcome } from './exchange.ts'
import { watchDeaths } from './suspects.ts'
import { openTarget, type Target } from './target.ts'
import { verdictOn } from './verdict.ts'

export type FuzzOptions = {
  count: number
  seed: number
  /** Repeats the one case that a failure named. */
  path?: string | undefined
  /** Requests at a time. */
  lanes: number
  /** How long the service may take to answer. */
  limitMs: number
  /** Failures after which a lane gives up. */
  maxFailures?: number
  say: (text: string) => void
}

export type FuzzReport = {
  /** Requests sent, those of making failures smaller apart. */
  sent: number
  statuses: Record<string, number>
  mutators: Record<string, number>
  deliveries: Record<string, number>
  slowestMs: number
  failures: string[]
}

/** Requests that may go into making one failure smaller. */
const maxShrinks = 150

/** @returns a report; no failures where all is well */
export const runFuzz = async (options: FuzzOptions): Promise<FuzzReport> => {
  const target = await openTarget()
  try {
    const report: FuzzReport = { sent: 0, statuses: {}, mutators: {}, deliveries: {}, slowestMs: 0, failures: [] }
    const deaths = watchDeaths(target, options.limitMs, (what) => {
      report.failures.push(what)
      options.say(what)
    })
    const lanes = options.path === undefined ? options.lanes : 1
    await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane({ target, deaths, report, lane }, options)))
    await deaths.look()
    const leftovers = await target.leftovers()
    if (leftovers.length > 0)
      report.failures.push(`rows that nobody was told of: ${leftovers.slice(0, 20).join(', ')} (${leftovers.length})`)
    return report
  } finally {
    await target.close()
  }
}

const mayBeDeath = ({ answer, refused }: Outcome): boolean => refused || !answer || answer.status === 503

const count = (counts: Record<string, number>, what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1
}

/** Each lane has a seed of its own, so that what it sends does not depend on the others. */
type Lane = { target: Target; deaths: ReturnType<typeof watchDeaths>; report: FuzzReport; lane: number }

const runLane = async ({ target, deaths, report, lane }: Lane, options: FuzzOptions): Promise<void> => {
  const { limitMs, say } = options
  const share = Math.ceil(options.count / options.lanes)
  let shrinks = 0

  const wrongWith = async (one: FuzzCase, failed: boolean): Promise<string | null> => {
    await deaths.quiet()
    deaths.remember(one)
    const outcome = await exchange(target.port, one, target.ids, limitMs)
    if (outcome.answer) await target.note(one, outcome.answer).catch(() => {})
    if (!failed) {
      report.sent += 1
      report.slowestMs = Math.max(report.slowestMs, outcome.ms)
      count(report.statuses, String(outcome.answer?.status ?? 'none'))
      count(report.mutators, one.mutator)
      count(report.deliveries, one.delivery.how)
      if (report.sent % 1000 === 0) say(`${report.sent} requests sent`)
    }
    const wrong = verdictOn(one, outcome, target.codes, limitMs)
    if (!wrong || !mayBeDeath(outcome)) return wrong
    // Another request may have ended the process under this one: it is then asked again.
    await deaths.look()
    return verdictOn(one, await exchange(target.port, one, target.ids, limitMs), target.codes, limitMs)
  }

  const property = fc.asyncProperty(allCases(target.operations), async (one) => {
    if (shrinks > maxShrinks) return
    const wrong = await wrongWith(one, shrinks > 0)
    if (!wrong && shrinks === 0) return
    shrinks += 1
    if (!wrong) return
    await target.healthy()
    throw new Error(wrong)
  })

  let seed = options.path === undefined ? options.seed + 1_000_003 * lane : options.seed
  for (let left = share, failures = 0; left > 0 && failures < (options.maxFailures ?? 5); failures++) {
    shrinks = 0
    const details = await fc.check(property, { seed, numRuns: left, path: options.path })
    if (!details.failed) return
    const [smallest] = details.counterexample ?? []
    report.failures.push(
      `${details.errorInstance instanceof Error ? details.errorInstance.message : 'failed'}\n  ${smallest ? describe(smallest) : 'no case'}\n  again: npm run fuzz -- --seed ${details.seed} --path ${details.counterexamplePath}`,
    )
    say(report.failures.at(-1) ?? '')
    left -= details.numRuns
    seed += 7919
    if (options.path !== undefined) return
  }
}
