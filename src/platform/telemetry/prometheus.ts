/** What an operator can watch, in Prometheus's text format: this process, the requests it answered, and the service's jobs. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@platformatic/prom-client'
import { withTimeout } from '../with-timeout.ts'

/** The service as its rows tell it: what `read` gives. */
export type ServiceState = {
  jobs: readonly { status: string; jobs: number }[]
  oldestQueuedSeconds: number
  leases: { alive: number; expired: number }
  predictions: { pending: Readonly<Record<string, number>>; ended: Readonly<Record<string, number>> }
  inferenceWaiting: number
}

/** An answered request. `route` is the template of its path, so that there are as many as there are routes. */
export type ObservedRequest = { method: string; route: string; status: number; seconds: number }

export type MetricsOptions = {
  version: string
  /** Every status of a job, so that one without jobs shows as 0; and those that a job never leaves. */
  statuses: readonly string[]
  finalStatuses: readonly string[]
  /** Reads the service's state, once a scrape; rejects if the database is away. */
  read: () => Promise<ServiceState>
  /** How long `read` may take: Prometheus gives up on a scrape after 10 s unless told otherwise. */
  timeoutMs?: number
}

/** Upper bounds in seconds: from a look at one row to a whole minute of `?wait=`. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Metrics of one process, in registries of their own: one for what it knows itself, one for what it reads from the database. */
export const createMetrics = ({ version, statuses, finalStatuses, read, timeoutMs = 3000 }: MetricsOptions) => {
  const own = new Registry()
  const shared = new Registry()
  collectDefaultMetrics({ register: own })

  const gauge = (registry: Registry, name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const info = gauge(own, 'trainyard_info', 'The version that runs; always 1.', ['version'])
  info.set({ version }, 1)
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the head of a request to the end of its answer, event streams left out.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [own],
  })
  const streams = gauge(own, 'trainyard_event_streams', 'Event streams that this process holds open.')
  const watchers = gauge(own, 'trainyard_job_watchers', 'Requests and event streams of this process that wait for a job.')
  const databaseUp = gauge(own, 'trainyard_database_up', '1 where the database answered this scrape, else 0.')
  const jobs = gauge(shared, 'trainyard_jobs', 'Stored jobs by status.', ['status'])
  const queueDepth = gauge(shared, 'trainyard_queue_depth', 'Jobs that wait for a worker.')
  const oldest = gauge(shared, 'trainyard_queue_oldest_seconds', 'Seconds that the longest waiting job has waited; 0 where none waits.')
  const leases = gauge(shared, 'trainyard_leases', 'Jobs that a worker holds: alive, or expired and about to be freed.', ['state'])
  const inference = gauge(shared, 'trainyard_calls_waiting', 'Evaluations, samples and predictions that wait for a worker.')
  const predictions = gauge(shared, 'trainyard_predictions', 'Predictions for datasets that have not ended, by status.', ['status'])
  const ended = new Counter({
    name: 'trainyard_predictions_finished_total',
    help: 'Predictions for datasets that have ended, by how.',
    labelNames: ['status'],
    registers: [shared],
  })
  const finished = new Counter({
    name: 'trainyard_jobs_finished_total',
    help: 'Jobs that became final since the first scrape of this process, by status.',
    labelNames: ['status'],
    registers: [own],
  })
  for (const status of finalStatuses) finished.inc({ status }, 0)

  /** Stored jobs of each final status at the last scrape. */
  const known = new Map<string, number>()

  const show = (state: ServiceState): void => {
    const counts = new Map(state.jobs.map((row) => [row.status, row.jobs]))
    for (const status of statuses) jobs.set({ status }, counts.get(status) ?? 0)
    for (const status of finalStatuses) {
      const count = counts.get(status) ?? 0
      // Deleting jobs takes nothing back: a counter only grows.
      finished.inc({ status }, Math.max(0, count - (known.get(status) ?? count)))
      known.set(status, count)
    }
    queueDepth.set(counts.get('queued') ?? 0)
    oldest.set(state.oldestQueuedSeconds)
    leases.set({ state: 'alive' }, state.leases.alive)
    leases.set({ state: 'expired' }, state.leases.expired)
    for (const [status, count] of Object.entries(state.predictions.pending)) predictions.set({ status }, count)
    // Counted in the database, where every process reads the same.
    ended.reset()
    for (const [status, count] of Object.entries(state.predictions.ended)) ended.inc({ status }, count)
    inference.set(state.inferenceWaiting)
  }

  const readState = async (): Promise<boolean> => {
    try {
      show(await withTimeout(timeoutMs, read()))
      return true
    } catch {
      return false
    }
  }

  /**
   * All metrics as text, with its media type. If the database is away, what the process knows by itself is there: no
   * numbers of the service are better than old ones.
   */
  const scrape = async (): Promise<{ contentType: string; text: string }> => {
    const up = await readState()
    databaseUp.set(up ? 1 : 0)
    const texts = await Promise.all((up ? [own, shared] : [own]).map((registry) => registry.metrics()))
    return { contentType: own.contentType, text: texts.join('\n') }
  }

  const observe = ({ method, route, status, seconds }: ObservedRequest): void =>
    requests.observe({ method, route, status: String(status) }, seconds)

  /** Counts an open event stream, until the returned function is called. */
  const holdStream = (): (() => void) => {
    streams.inc()
    return () => streams.dec()
  }

  /** Counts one who waits for a job, until the returned function is called. */
  const holdWatcher = (): (() => void) => {
    watchers.inc()
    return () => watchers.dec()
  }

  return { scrape, observe, holdStream, holdWatcher }
}

export type Metrics = ReturnType<typeof createMetrics>
