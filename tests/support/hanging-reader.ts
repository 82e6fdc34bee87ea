/** Starts a child that never ends, says its process id and waits: a parent to be killed. */
import { openSync } from 'node:fs'
import { runDisposable } from '../../src/platform/disposable-child.ts'

await runDisposable({
  entry: new URL('./odd-reader.child.ts', import.meta.url),
  told: { format: 'hang' },
  file: openSync(import.meta.filename, 'r'),
  memoryBytes: 2 ** 30,
  timeoutMs: 600_000,
  onFrame: (_kind, bytes) => console.log(bytes.toString()),
})
