/** A child that does what it is told instead of reading its file: each way to end, and what it finds around it. */
import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { becomeDisposable, readTold, writeFrame } from '../../src/platform/disposable-entry.ts'

const { format: wanted } = readTold() as { format: string }
const file = await becomeDisposable()
const tell = (value: unknown): void => writeFrame(1, Buffer.from(JSON.stringify(value)))

/** False where a thing may not even be tried. */
const can = (what: () => unknown): boolean => {
  try {
    what()
    return true
  } catch {
    return false
  }
}

const ways: Record<string, () => void> = {
  tell: () =>
    tell({
      environment: Object.keys(process.env),
      canWrite: can(() => writeFileSync('here', 'x')),
      user: process.geteuid?.(),
      groups: process.getgroups?.(),
      networks: Object.keys(networkInterfaces()),
      bytes: Buffer.from(file.read(0, file.bytes)).toString(),
    }),
  die: () => {
    tell({ pid: process.pid })
    process.kill(process.pid, 'SIGKILL')
  },
  abort: () => process.abort(),
  throw: () => {
    throw new Error('a defect')
  },
  hang: () => {
    tell({ pid: process.pid })
    for (;;) Math.random()
  },
  grow: () => {
    const held: Buffer[] = []
    for (;;) held.push(Buffer.alloc(8 * 1024 * 1024, 1))
  },
  babble: () => process.stdout.write(Buffer.alloc(100, 0xff)),
  // As if rows had been told before it dies.
  midway: () => {
    writeFrame(2)
    process.kill(process.pid, 'SIGKILL')
  },
  nothing: () => {},
}
ways[wanted]?.()
process.exit(0)
