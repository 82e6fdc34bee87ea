/** `npm run test:contract [-- --requests 20000] [--seed N]`: see docs/testing.md. */
import { parseArgs } from 'node:util'
import { openPython } from '../support/python.ts'
import { runContract } from './run.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { requests: text, seed: text } })
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)

const found = await openPython()
if ('reason' in found) {
  console.error(found.reason)
  process.exitCode = 1
} else {
  const { sent, failures } = await runContract({
    python: found.python,
    requests: Number(values.requests ?? 20_000),
    seed,
    // Every boundary of every schema, which are most of them, and then what comes to it.
    rounds: [{ phases: 'examples,coverage,fuzzing,stateful', examples: 30 }],
    say: (line) => console.error(line),
  })
  for (const failure of failures) console.error(`\nFAILED\n${failure}`)
  console.log(`${sent} requests, seed ${seed}: ${failures.length === 0 ? 'every answer is as the document says' : 'something is wrong'}`)
  process.exitCode = failures.length === 0 ? 0 : 1
}
