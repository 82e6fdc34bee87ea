/**
 * The entry behind `npm start`. The code of the API and TensorFlow take longest to load, and need nothing for that: their processes start before
 * anything else, the supervisor's own code included.
 */
import { extname, join } from 'node:path'
import { preloadChild } from './platform/supervisor/preloaded-child.ts'

/** The same module from the sources and from the build. */
const entryOf = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`)

const entries = { api: entryOf('server'), worker: entryOf('../workers/worker') }
const first = { api: preloadChild(entries.api, process.env), worker: preloadChild(entries.worker, process.env) }
const { supervise } = await import('./supervise.ts')
await supervise({ env: process.env, entries, first })
