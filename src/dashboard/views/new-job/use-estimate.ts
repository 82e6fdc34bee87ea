/** What the service says of the config as it is now: asked a moment after the last change, and given up with the next. */
import { useEffect, useState } from 'preact/hooks'
import { send } from '../../api/client.ts'
import { isAbort } from '../../api/problem.ts'
import type { JobEstimate } from '../../api/types.ts'
import { type Config, writeConfig } from './draft.ts'

export type Estimate = { estimate?: JobEstimate; error?: unknown; checking: boolean }

/** Milliseconds without a change. */
const restMs = 350

/** Nothing is asked without a config; what was said last stays until there is news. */
export const useEstimate = (config: Config | undefined): Estimate => {
  const [state, setState] = useState<Estimate>({ checking: true })
  const text = config && writeConfig(config)
  useEffect(() => {
    if (text === undefined) return
    const control = new AbortController()
    setState((before) => ({ ...before, checking: true }))
    const timer = setTimeout(() => {
      send<JobEstimate>('POST', '/jobs?validateOnly=true', text, {
        signal: control.signal,
        headers: { 'content-type': 'application/json' },
      }).then(
        (estimate) => setState({ estimate, checking: false }),
        (error: unknown) => isAbort(error) || setState({ error, checking: false }),
      )
    }, restMs)
    return () => {
      clearTimeout(timer)
      control.abort()
    }
  }, [text])
  return state
}
