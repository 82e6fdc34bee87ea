/**
 * Chaos against the whole service: clients submit jobs and drive trainers and do not give up, while everything that can die does. At
 * the end every job has ended once, with a history without gaps, every request of a trainer was done once, and all have the bits of
 * an undisturbed run.
 */
import { withDatabase } from '../support/e2e/embedded-database.ts'
import { limitedSignal } from '../support/limited-signal.ts'
import { createClient, type Tally } from './client.ts'
import { startCrowd } from './crowd.ts'
import type { Fault, Site } from './faults/fault.ts'
import { processFaults } from './faults/processes.ts'
import { serverFaults } from './faults/servers.ts'
import { injectFaults } from './inject.ts'
import { judge } from './judge.ts'
import { type Monitor, startMonitor } from './monitor.ts'
import { createRandom } from './random.ts'
import { type RunReport, reportOf } from './report.ts'
import { openSite, type Queue } from './site.ts'
import { createSubmitter } from './submitter.ts'
import { startTrainers } from './trainers/trainers.ts'
import { runUndisturbed } from './undisturbed.ts'

export const allFaults: readonly Fault[] = [...processFaults, ...serverFaults]

export type RunOptions = {
  queue: Queue
  /** So many must succeed; more are submitted while faults go on. */
  jobs: number
  /** So many are driven all the time. */
  trainers: number
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

/** How long the last jobs and requests may take once no more faults come: each trainer is opened again, on a busy machine too. */
const finishMs = ({ trainers }: RunOptions): number => 120_000 + 1000 * trainers

/** Runs it and clears everything away. @throws where the service could not be started or asked */
export const runChaos = async (options: RunOptions): Promise<RunReport> => {
  const { queue, faults } = options
  const asked = allFaults.filter(
    ({ name, needs, hits }) => faults.includes(name) && (needs !== 'redis' || queue === 'redis') && (!hits || options[hits] > 0),
  )
  const { site, close } = await openSite({ queue, withDisk: asked.some(({ needs }) => needs === 'disk') })
  const monitor = startMonitor([site.home.base, site.remote.base])
  const over = new AbortController()
  try {
    return await runAt(site, monitor, asked, { ...options, signal: AbortSignal.any([over.signal, options.signal ?? over.signal]) })
  } catch (error) {
    if (!options.signal?.aborted)
      for (const { name, output } of [site.home, site.remote]) options.say(`the end of what ${name} said:\n${output().slice(-4000)}`)
    throw error
  } finally {
    over.abort()
    await monitor.close()
    await close()
  }
}

const runAt = async (
  site: Site,
  monitor: Monitor,
  asked: readonly Fault[],
  options: RunOptions & { signal: AbortSignal },
): Promise<RunReport> => {
  const { queue, seed, say, signal, variants, scale } = options
  const tally: Tally = { answers: {}, offences: [] }
  const client = createClient({
    bases: [site.home.base, site.remote.base],
    random: createRandom(seed, 'client'),
    ...{ tally, signal, giveUpMs: options.seconds * 1000 + finishMs(options) },
  })
  const jobs = new Map<string, string>()
  const submitter = createSubmitter({ client, random: createRandom(seed, 'submitter'), jobs })
  const hasJobs = options.jobs > 0
  say('undisturbed runs first')
  const undisturbed = await runUndisturbed({ client, submitter, jobs }, hasJobs ? options.kinds : [], variants)

  const faults = asked.filter(({ needs }) => needs !== 'disk' || site.disk)
  say(`${options.jobs} jobs, ${options.trainers} trainers and these faults: ${faults.map(({ name }) => name).join(', ')}`)
  const startedAt = Date.now()
  const trainers = await startTrainers({ client, trainers: options.trainers, variants, signal })
  const crowd = startCrowd({ ...options, clients: hasJobs ? options.clients : 0, submitter, random: createRandom(seed, 'orders') })
  const { happened, troubles } = await injectFaults({
    ...{ site, faults, random: createRandom(seed, 'faults'), scale, monitor, say },
    signal: limitedSignal(signal, options.seconds * 1000),
    // Without jobs only the time says when it is enough.
    isDone: () => hasJobs && crowd.isDone() && trainers.isDone(),
    wentOn: async (since) => trainers.wentOn(since) && (!hasJobs || crowd.isDone() || (await hasEpochSince(site.home.dataDir, since))),
  })
  say(`no more faults: ${happened.length} happened, trainers were answered ${trainers.answered()} requests`)
  await crowd.finish(finishMs(options))
  const ofTrainers = await trainers.finish(finishMs(options))
  signal.throwIfAborted()

  const { done } = crowd
  const { histories, violations } = await judge({
    ...{ client, expected: undisturbed.expected, datasets: new Set([...submitter.uploads, ...trainers.datasets]) },
    done: [...undisturbed.done, ...done],
  })
  const missing = faults.filter(({ name }) => !happened.some(({ fault }) => fault === name)).map(({ name }) => `${name} never happened`)
  return reportOf({
    ...{ queue, seed, done, trainers, asked, monitor, tally, histories, happened },
    seconds: (Date.now() - startedAt) / 1000,
    violations: [...crowd.troubles, ...troubles, ...missing, ...ofTrainers, ...violations, ...tally.offences],
    skipped: asked.filter((fault) => !faults.includes(fault)).map(({ name }) => name),
  })
}

/** Whether any job had an epoch stored after a time, in ms of Date.now(). */
const hasEpochSince = (dataDir: string, since: number): Promise<boolean> =>
  withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ went: boolean }>(`select exists (select from "Event" where type = 'epoch' and at > $1) as went`, [
      new Date(since),
    ])
    return rows[0]?.went === true
  }).catch(() => false)
