/** What a test starts as a process of its own. */
import { extname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const isCompiled = extname(import.meta.filename) === '.js'

/** Where an entry of this repository, such as `workers/worker.ts`, starts from: its source, or what it was compiled to if the test was. */
export const entryOf = (path: string): string => (isCompiled ? join(root, 'dist', path.replace(/\.ts$/, '.js')) : join(root, path))

/** Node's arguments that make it read such entries. */
export const readingEntries: readonly string[] = isCompiled ? [] : ['--import', 'tsx']
