/** Entry of the child that reads one file for the API. Everything is loaded before the file is looked at. */
import { openWhole } from './features/datasets/formats/open-whole.ts'
import type { ChildTask } from './features/datasets/table/child-frames.ts'
import { readWhole } from './features/datasets/table/read-whole.ts'
import { becomeDisposable, readTold, writeFrame } from './platform/disposable-entry.ts'

const { format, options } = readTold() as ChildTask
const open = await openWhole(format)
const file = await becomeDisposable()
await readWhole(file, { open, what: format, options }, writeFrame)
process.exit(0)
