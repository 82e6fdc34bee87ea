/** What a view shows of the service: loaded when the view appears, and again as it asks for it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { onReturn } from '../api/connection.ts'
import { isAbort, mayPass } from '../api/problem.ts'

export type Query<Data> = { data: Data | undefined; error: unknown; loading: boolean; reload: () => void }

export type QueryOptions<Data> = {
  /**
   * Milliseconds until it is asked for again, or null for never. `unchanged` counts the answers in a row that were the same, so that
   * what rests is asked for less often. Nobody asks while the page is hidden. What failed but may succeed later is asked for again in any case.
   */
  pollMs?: (data: Data | undefined, unchanged: number) => number | null
}

/** Milliseconds until what failed is asked for again, at first and at most. */
const retryMs = 4000
const maxRetryMs = 30_000

/** Loads with `load` whenever one of `keys` changes; the older answer stays until the new one is there. */
export const useQuery = <Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  keys: readonly unknown[],
  { pollMs = () => null }: QueryOptions<Data> = {},
): Query<Data> => {
  const [state, setState] = useState<Omit<Query<Data>, 'reload'>>({ data: undefined, error: undefined, loading: true })
  const latest = useRef({ load, pollMs })
  latest.current = { load, pollMs }
  const again = useRef(() => {})

  useEffect(() => {
    const stop = repeat({
      load: (signal) => latest.current.load(signal),
      pollMs: (...of) => latest.current.pollMs(...of),
      onState: setState,
    })
    again.current = stop.now
    return stop.end
  }, keys)

  return { ...state, reload: () => again.current() }
}

type Repeated<Data> = {
  load: (signal: AbortSignal) => Promise<Data>
  pollMs: (data: Data | undefined, unchanged: number) => number | null
  onState: (update: (state: Omit<Query<Data>, 'reload'>) => Omit<Query<Data>, 'reload'>) => void
}

const repeat = <Data>({ load, pollMs, onState }: Repeated<Data>) => {
  let control = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = ''
  let unchanged = 0
  let due = false
  /** Failures in a row that may pass. */
  let failures = 0

  const run = async (): Promise<void> => {
    clearTimeout(timer)
    due = false
    control.abort()
    control = new AbortController()
    const { signal } = control
    onState((state) => ({ ...state, loading: true }))
    let data: Data | undefined
    try {
      data = await load(signal)
      if (signal.aborted) return
      failures = 0
      const text = JSON.stringify(data)
      unchanged = text === last ? unchanged + 1 : 0
      last = text
      onState((state) => ({ data: unchanged > 0 ? state.data : data, error: undefined, loading: false }))
    } catch (error) {
      if (signal.aborted || isAbort(error)) return
      unchanged++
      failures = mayPass(error) ? failures + 1 : 0
      onState((state) => ({ ...state, error, loading: false }))
    }
    schedule(failures > 0 ? Math.min(maxRetryMs, retryMs * 1.5 ** (failures - 1)) : pollMs(data, unchanged))
  }
  const schedule = (ms: number | null): void => {
    if (ms !== null) timer = setTimeout(onTimer, ms)
  }
  const onTimer = (): void => {
    due = document.hidden
    if (!due) void run()
  }
  const onVisible = (): void => {
    if (due && !document.hidden) void run()
  }
  document.addEventListener('visibilitychange', onVisible)
  const forgetReturn = onReturn(() => failures > 0 && onTimer())
  void run()

  return {
    now: () => void run(),
    end: () => {
      control.abort()
      clearTimeout(timer)
      forgetReturn()
      document.removeEventListener('visibilitychange', onVisible)
    },
  }
}
