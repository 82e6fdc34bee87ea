import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { entryOf, readingEntries } from '../../support/entry.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'trainyard-entry-'))
after(() => rmSync(folder, { recursive: true }))

/** Starts the role; resolves once it prints something or ends. */
const start = async (env: Record<string, string>, { withParent = false, orphaned = false } = {}) => {
  const trace = join(folder, `trace-${Math.random().toString(36).slice(2)}`)
  const child: ChildProcess = spawn(process.execPath, [...readingEntries, entryOf('tests/fixtures/platform/role.ts')], {
    cwd: root,
    env: { PATH: process.env.PATH, TRACE: trace, ...env },
    stdio: withParent ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  })
  if (orphaned) child.disconnect()
  const text = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    text.err += chunk
  })
  // Not its 'close', which never comes after the channel to it was closed from here.
  const streams = [child.stdout, child.stderr].map((stream) => (stream ? once(stream, 'close') : undefined))
  const ended = Promise.all([once(child, 'exit'), ...streams]).then(([[code]]) => Number(code))
  const up = withParent && !orphaned ? once(child, 'message').then(([message]) => message) : once(child.stdout ?? child, 'data')
  await Promise.race([up, ended])
  return { child, text, ended, up, trace: () => readFileSync(trace, 'utf8').split('\n').slice(1, -1) }
}

describe('a role', () => {
  it('a role says where it listens in one line, and nothing else on standard output', async () => {
    const { child, text, ended } = await start({ HOST: '127.0.0.1' })
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.equal(text.out, 'listening on http://127.0.0.1:1234\n')
  })

  it('a role tells a supervisor instead, where it has one', async () => {
    const { child, text, ended, up } = await start({}, { withParent: true })
    assert.deepEqual(await up, { type: 'listening', url: 'http://127.0.0.1:1234' })
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.equal(text.out, '')
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    it(`a role closes what it opened in reverse order on ${signal}, and ends well`, async () => {
      const { child, ended, trace } = await start({})
      child.kill(signal)
      assert.equal(await ended, 0)
      assert.deepEqual(trace(), ['closed last', 'closed first'])
    })

  it('a role ends by itself when its parent is gone', async () => {
    const { child, ended, trace } = await start({}, { withParent: true })
    child.disconnect()
    assert.equal(await ended, 0)
    assert.deepEqual(trace(), ['closed last', 'closed first'])
  })

  it('a role ends by itself when its parent was gone before it had loaded', async () => {
    const { child, ended, trace } = await start({}, { withParent: true, orphaned: true })
    assert.equal(await ended, 0)
    assert.equal(child.connected, false)
    assert.deepEqual(trace(), ['closed last', 'closed first'])
  })

  it('a role ends in the middle of its start, too', async () => {
    const { child, ended, trace } = await start({ BEHAVIOUR: 'slow start' }, { withParent: true })
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.deepEqual(trace(), ['closed last', 'closed first'])
  })

  it('a role closes what it opened when its start fails, says why, and ends with 1', async () => {
    const { text, ended, trace } = await start({ BEHAVIOUR: 'fail' })
    assert.equal(await ended, 1)
    assert.match(text.err, /could not start: the start failed/)
    assert.equal(text.out, '')
    assert.deepEqual(trace(), ['closed first'])
  })

  it('a role closes what it opened when something fails out of the blue, and ends with 1', async () => {
    const { text, ended, trace } = await start({ BEHAVIOUR: 'crash' })
    assert.equal(await ended, 1)
    assert.match(text.err, /out of the blue/)
    assert.deepEqual(trace(), ['closed last', 'closed first'])
  })

  it('a role takes the two signals that one Ctrl-C under npm makes for one', async () => {
    const { child, ended, trace } = await start({ BEHAVIOUR: 'slow close' })
    child.kill('SIGINT')
    child.kill('SIGINT')
    assert.equal(await ended, 0)
    assert.deepEqual(trace(), ['closed last', 'closed first'])
  })

  it('a role ends at once on a second signal', async () => {
    const { child, ended, trace } = await start({ BEHAVIOUR: 'stubborn' })
    child.kill('SIGINT')
    // A second Ctrl-C of a person comes later than npm's copy of the first.
    await sleep(1200)
    child.kill('SIGINT')
    assert.equal(await ended, 1)
    assert.deepEqual(trace(), [])
  })

  it('a role does not start with a wrong environment, and names what is wrong without a stack', async () => {
    const { text, ended } = await start({ PORT: 'eighty', WORKERS: 'none' })
    assert.equal(await ended, 1)
    assert.match(text.err, /^PORT is "eighty".*\nWORKERS is "none".*\n$/)
  })
})
