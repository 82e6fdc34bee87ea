/**
 * Chaos against the whole service: clients submit jobs and do not give up, while everything that can die does. At the end
 * every job has ended once, with a history without gaps and the bits of an undisturbed run.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type Tally } from './client.ts'
import type { Fault } from './faults/fault.ts'
import { processFaults } from './faults/processes.ts'
import { serverFaults } from './faults/servers.ts'
import { injectFaults } from './inject.ts'
import { judge } from './judge.ts'
import { startMonitor } from './monitor.ts'
import { createRandom } from './random.ts'
import { type RunReport, reportOf } from './report.ts'
import { fingerprint } from './results.ts'
import { openSite, type Queue } from './site.ts'
import { createSubmitter, type Done, type Order } from './submitter.ts'
import { kinds } from './workload.ts'

export const allFaults: readonly Fault[] = [...processFaults, ...serverFaults]

export type RunOptions = {
  queue: Queue
  /** So many must succeed; more are submitted while faults go on. */
  jobs: number
  /** Faults are injected for at most so long. */
  seconds: number
  seed: number
  /** Names of faults; those that this queue does not have are left out. */
  faults: readonly string[]
  kinds: readonly string[]
  /** Configs of each kind. */
  variants: number
  /** Multiplies how long a fault lasts: 1 is a worker stopped for 10 s, a network cut for 30. */
  scale: number
  /** Jobs submitted and not ended at a time. */
  clients: number
  say: (text: string) => void
  /** Aborts when the caller has had enough: all is cleared away. */
  signal?: AbortSignal
}

/** How long the last jobs may take once no more faults come. */
const finishMs = 120_000

/** Runs it and clears everything away. @throws where the service could not be started or asked */
export const runChaos = async (options: RunOptions): Promise<RunReport> => {
  const { queue, seed, say } = options
  const asked = allFaults.filter(({ name, needs }) => options.faults.includes(name) && (needs !== 'redis' || queue === 'redis'))
  const { site, close } = await openSite({ queue, withDisk: asked.some(({ needs }) => needs === 'disk') })
  const over = new AbortController()
  const signal = options.signal ? AbortSignal.any([over.signal, options.signal]) : over.signal
  const bases = [site.home.base, site.remote.base]
  const tally: Tally = { answers: {}, offences: [] }
  const monitor = startMonitor(bases)
  try {
    const client = createClient({ bases, random: createRandom(seed, 'client'), tally, signal, giveUpMs: options.seconds * 1000 + finishMs })
    const expected = new Map<string, string>()
    const jobs = new Map<string, string>()
    const submitter = createSubmitter({ client, random: createRandom(seed, 'submitter'), jobs })

    say('undisturbed runs first')
    const references = Object.entries(kinds).filter(([kind]) => options.kinds.includes(kind))
    const quiet: Done[] = []
    for (const [kind, make] of references) {
      const variants = Array.from({ length: options.variants }, (_, variant) => variant)
      const ended = await Promise.all(
        variants.map((variant) => {
          const name = `${kind}/${variant}`
          return submitter.carryOut({ name, key: `undisturbed-${name}`, work: { ...make(variant), action: undefined }, cancel: false })
        }),
      )
      for (const done of ended.flat()) {
        if (done.status !== 'succeeded') throw new Error(`undisturbed ${done.name} ${done.status}: ${JSON.stringify(done.error)}`)
        expected.set(done.name, await fingerprint(client, done.id, done.everyEpoch))
        jobs.set(done.name, done.id)
        quiet.push(done)
      }
    }

    const random = createRandom(seed, 'orders')
    const done: Done[] = []
    const troubles: string[] = []
    const startedAt = Date.now()
    let number = 0
    let injecting = true
    const isDone = (): boolean => done.filter(({ status }) => status === 'succeeded').length >= options.jobs
    const nextOrder = (): Order => {
      number += 1
      const [kind, make] = references[number % references.length] ?? ['', () => ({ config: {} })]
      const variant = random.between(0, options.variants - 1)
      const cancel = number % 11 === 5
      return { name: `${kind}/${variant}`, key: `${kind}-${number}`, work: make(variant), cancel }
    }
    const inHand = new Set<string>()
    const work = async (): Promise<void> => {
      while (!signal.aborted && (injecting || !isDone()) && troubles.length === 0) {
        const order = nextOrder()
        inHand.add(order.key)
        await submitter.carryOut(order).then(
          (ended) => done.push(...ended),
          (error: unknown) => troubles.push(`${order.key}: ${error instanceof Error ? error.message : error}`),
        )
        inHand.delete(order.key)
      }
    }

    say(`${options.jobs} jobs and these faults: ${asked.map(({ name }) => name).join(', ')}`)
    const enough = AbortSignal.any([signal, AbortSignal.timeout(options.seconds * 1000)])
    const faults = asked.filter(({ needs }) => needs !== 'disk' || site.disk)
    const working = Promise.all(Array.from({ length: options.clients }, work))
    const injected = await injectFaults({
      ...{ site, faults, random: createRandom(seed, 'faults'), scale: options.scale, monitor, say },
      signal: enough,
      isDone: () => isDone() || troubles.length > 0,
    })
    injecting = false
    say(`no more faults: ${injected.happened.length} happened`)
    const limit = new AbortController()
    await Promise.race([
      working,
      sleep(finishMs, undefined, { signal: limit.signal }).then(
        () => troubles.push(`${finishMs / 1000} s after the last fault these had not ended: ${[...inHand].join(', ')}`),
        () => {},
      ),
    ])
    limit.abort()
    options.signal?.throwIfAborted()

    const judged = await judge({ client, done: [...quiet, ...done], expected, uploads: submitter.uploads })
    const seconds = (Date.now() - startedAt) / 1000
    for (const { name } of faults) if (!injected.happened.some(({ fault }) => fault === name)) troubles.push(`${name} never happened`)
    if (!isDone()) troubles.push(`fewer than ${options.jobs} jobs succeeded`)
    return reportOf({
      ...{ queue, seed, seconds, done, asked, monitor, tally, histories: judged.histories, happened: injected.happened },
      violations: [...troubles, ...injected.troubles, ...judged.violations, ...tally.offences],
      skipped: asked.filter((fault) => !faults.includes(fault)).map(({ name }) => name),
    })
  } catch (error) {
    for (const { name, output } of [site.home, site.remote]) say(`the end of what ${name} said:\n${output().slice(-4000)}`)
    throw error
  } finally {
    over.abort()
    await monitor.close()
    await close()
  }
}
