/**
 * A job as it goes: its state, the epochs that its curves are made of, and its events. What the stream of events tells is shown at once, at
 * most once a frame; what only the epochs themselves say (learning rate, gradient norm, seconds) is read after them every few seconds.
 */
import { get } from '../../api/client.ts'
import { pause } from '../../api/connection.ts'
import { followEvents } from '../../api/event-stream.ts'
import { isAbort, mayPass } from '../../api/problem.ts'
import type { Epoch, Job, JobEvent } from '../../api/types.ts'
import { addEvents, type EventLine } from './event-lines.ts'
import { isFinal } from './status.ts'

export type Run = { job: Job; epochs: Epoch[]; events: EventLine[] }
export type RunState = { run?: Run; error?: unknown }

/** Points of a curve that is loaded, and how many it may grow to before it is thinned out again. */
const maxPoints = 1000
const maxGrown = 3000
/** Milliseconds between two looks at the epochs and the job while it trains. */
const readMs = 6000
/** Milliseconds until what could not be read is asked for again. */
const retryMs = 5000

type FollowedJob = { reload: () => void; stop: () => void }

/** Follows a job while the page is visible, and tells every new state. */
export const followJob = (id: string, onState: (state: RunState) => void): FollowedJob => {
  const path = `/jobs/${encodeURIComponent(id)}`
  let control = new AbortController()
  let run: Run | undefined
  let frame: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The first epoch of which only the event is known. */
  let unread: number | undefined
  /** The job is being read, and must be once more after that. */
  let reading = false
  let again = false

  const show = (next: Run): void => {
    run = next
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      onState({ run })
    })
  }

  const load = async (signal: AbortSignal): Promise<{ last: number }> => {
    const beginning = get<{ data: JobEvent[] }>(`${path}/events?limit=50`, { signal })
    // What fails first is told; the other failure is the same.
    beginning.catch(() => {})
    const [job, epochs] = await Promise.all([
      get<Job>(path, { signal }),
      get<{ data: Epoch[] }>(`${path}/epochs?maxPoints=${maxPoints}`, { signal }),
    ])
    if (!run) show({ job, epochs: epochs.data, events: [] })
    // Every epoch has an event and two came before the first, so these are the last ones.
    const end = await get<{ data: JobEvent[] }>(`${path}/events?after=${Math.max(0, job.progress.epoch - 20)}&limit=1000`, { signal })
    const { data } = await beginning
    show({ job, epochs: epochs.data, events: addEvents(addEvents([], data), end.data) })
    return { last: end.data.at(-1)?.seq ?? data.at(-1)?.seq ?? 0 }
  }

  const onEvent = (event: JobEvent): void => {
    if (!run) return
    const events = addEvents(run.events, [event])
    if (event.type === 'epoch') {
      unread ??= event.data.epoch
      show({ job: withEpoch(run.job, event.data), epochs: [...run.epochs, toEpoch(event.data)], events })
      timer ??= setTimeout(() => void read(), readMs)
    } else {
      show({ ...run, events })
      void read()
    }
  }

  /** Reads the job, and the epochs that are not known in full. One look at a time: an older answer must not come after a newer one. */
  const read = async (): Promise<void> => {
    again = reading
    if (reading) return
    reading = true
    await readOnce()
    reading = false
    if (again) await read()
  }

  const readOnce = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const { signal } = control
    const from = unread
    unread = undefined
    try {
      const thin = (run?.epochs.length ?? 0) > maxGrown
      const query = from === undefined || thin ? `maxPoints=${maxPoints}` : `from=${from}&maxPoints=${maxPoints}`
      const [job, epochs] = await Promise.all([get<Job>(path, { signal }), get<{ data: Epoch[] }>(`${path}/epochs?${query}`, { signal })])
      if (!run || signal.aborted) return
      show({ ...run, job, epochs: mergeEpochs(run.epochs, epochs.data) })
    } catch (error) {
      if (isAbort(error) || signal.aborted) return
      unread ??= from
      timer ??= setTimeout(() => void read(), readMs)
    }
  }

  const follow = async (signal: AbortSignal): Promise<void> => {
    const { last } = await load(signal)
    if (!run || isFinal(run.job.status)) return
    await followEvents(id, { after: last, onEvent, signal })
    // It may have ended between the look at it and the look at its events, and then no event was left to tell.
    if (!signal.aborted && !isFinal(run.job.status)) await read()
  }

  const start = async (): Promise<void> => {
    control.abort()
    control = new AbortController()
    const { signal } = control
    try {
      await follow(signal)
    } catch (error) {
      if (isAbort(error) || signal.aborted) return
      onState({ run, error })
      if (!mayPass(error)) return
      await pause(retryMs)
      if (!signal.aborted) void start()
    }
  }
  // Nobody looks: the connection is given back, and what was missed is read later.
  const onVisibility = (): void => {
    if (document.hidden) control.abort()
    else if (!run || !isFinal(run.job.status)) void start()
  }
  document.addEventListener('visibilitychange', onVisibility)
  if (!document.hidden) void start()

  return {
    reload: () => void start(),
    stop: () => {
      control.abort()
      clearTimeout(timer)
      if (frame !== undefined) cancelAnimationFrame(frame)
      document.removeEventListener('visibilitychange', onVisibility)
    },
  }
}

type EpochData = Extract<JobEvent, { type: 'epoch' }>['data']

/** What the event does not say is not a number yet: it comes with the epoch itself. */
const toEpoch = ({ epoch, loss, validationLoss, metrics = {} }: EpochData): Epoch => {
  const unknown = { batchLoss: 'NaN', learningRate: Number.NaN, gradientNorm: 'NaN', seconds: Number.NaN } as const
  return { epoch, loss, validationLoss: validationLoss ?? 'NaN', metrics, ...unknown }
}

const withEpoch = (job: Job, { epoch, loss }: EpochData): Job => {
  const { epochs } = job.progress
  return { ...job, progress: { ...job.progress, epoch, fraction: Math.max(job.progress.fraction, epoch / epochs), latestLoss: loss } }
}

/** The newer epochs in the place of all from the first of them to the last; later ones stay. */
const mergeEpochs = (known: Epoch[], read: Epoch[]): Epoch[] => {
  const [first, last] = [read[0]?.epoch ?? 0, read.at(-1)?.epoch ?? 0]
  return read.length === 0 ? known : [...known.filter(({ epoch }) => epoch < first), ...read, ...known.filter(({ epoch }) => epoch > last)]
}
