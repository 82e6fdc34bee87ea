import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, it } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-load-options-'))
after(() => rmSync(folder, { recursive: true }))
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('scripts/bench-load.mjs'), ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('the benchmark under load refuses options that cannot be meant, by name and before it measures', () => {
  const refusal = (...args: string[]) => {
    const { status, stdout, stderr } = run(...args)
    assert.deepEqual([status, stdout], [2, ''])
    return stderr
  }
  assert.match(
    refusal('--only', 'nothing'),
    /--only is "nothing": it must be one of jobs, turns, queue, history, data, watchers, start, beside/,
  )
  assert.match(refusal('--json', join(folder, 'missing', 'file.json')), /there is no folder/)
  assert.match(refusal('--write', fileOf('plain.md', 'no markers')), /<!-- load --> and <!-- end load -->/)
  assert.match(refusal('--fast'), /Unknown option '--fast'/)
})

it('the benchmark under load puts the tables of what was measured before into a document, and says what failed', () => {
  const queue = { name: 'queue', title: 'A long queue', small: true, head: ['what', 'wanted'], rows: [['a claim', '≤ 1.5']] }
  const start = { name: 'start', title: 'Starting', failed: 'the service ended with 1' }
  const from = fileOf('measured.json', JSON.stringify({ machine: 'two cores', parts: [queue, start] }))
  const document = fileOf('figures.md', 'Before\n\n<!-- load -->\nold\n<!-- end load -->\n\nafter\n')
  assert.equal(run('--from', from, '--write', document).status, 1)
  assert.equal(
    readFileSync(document, 'utf8'),
    `Before

<!-- load -->

### A long queue

\`npm run bench:load -- --small --only queue\`

| what | wanted |
| --- | --- |
| a claim | ≤ 1.5 |

### Starting

\`npm run bench:load -- --only start\`

It failed: the service ended with 1

two cores

<!-- end load -->

after
`,
  )
})
