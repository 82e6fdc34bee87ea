/** A process for one file: what it is without, every way in which it can end, and that nothing is left of it. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createChunkSpools } from '../../../src/features/datasets/chunk-spool.ts'
import { npy } from '../../../src/features/datasets/formats/npy.ts'
import { createWholeFileReader } from '../../../src/features/datasets/table/whole-files.ts'
import { runDisposable } from '../../../src/platform/disposable-child.ts'

const entry = new URL('../../support/odd-reader.child.ts', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'disposable-'))
writeFileSync(join(folder, 'file'), 'the bytes')
const file = openSync(join(folder, 'file'), 'r')
after(() => {
  closeSync(file)
  rmSync(folder, { recursive: true })
})

const run = async (format: string, limits = {}) => {
  const frames: { pid: number; [key: string]: unknown }[] = []
  const onFrame = (_kind: number, bytes: Buffer): void => void frames.push(JSON.parse(bytes.toString()))
  const error = await runDisposable({ entry, told: { format }, file, memoryBytes: 2 ** 30, timeoutMs: 60_000, onFrame, ...limits }).then(
    () => null,
    (failure: Error) => failure,
  )
  return { frames, error }
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** Whether this machine lets a process be started without a network. */
const canUnshare = (): boolean => {
  try {
    execFileSync('unshare', [...(process.geteuid?.() === 0 ? [] : ['--user']), '--net', '--', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a disposable child', () => {
  it('a disposable child has its file and nothing else: no environment, no folder, no rights, no network', async () => {
    const { frames, error } = await run('tell')
    assert.equal(error, null)
    const [told] = frames
    assert.equal(told?.bytes, 'the bytes')
    // What the shell that sets its limits says of itself.
    assert.deepEqual(
      ((told?.environment ?? []) as string[]).filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
      [],
    )
    assert.equal(told?.canWrite, false)
    if (process.geteuid?.() === 0) assert.deepEqual([told?.user, told?.groups], [65_533, [65_533]])
    if (canUnshare()) assert.deepEqual(told?.networks, [])
  })

  for (const [way, message] of Object.entries({
    die: /^SIGKILL$/,
    abort: /^SIGABRT$/,
    throw: /^exit code 1$/,
    babble: /no answer/,
  }))
    it(`a disposable child that ends by ${way} is told of, and gone`, async () => {
      const { frames, error } = await run(way)
      assert.equal(error?.name, 'ChildDied')
      assert.match(error?.message ?? '', message)
      for (const { pid } of frames) assert.ok(isGone(pid))
    })

  it('a disposable child that takes too much memory or time is ended', async () => {
    const grown = await run('grow', { memoryBytes: 300 * 2 ** 20 })
    assert.match(grown.error?.message ?? '', /more than 300 MiB of memory/)
    const hung = await run('hang', { timeoutMs: 5000 })
    assert.match(hung.error?.message ?? '', /longer than 5 s/)
    assert.ok(hung.frames[0] && isGone(hung.frames[0].pid))
    const busy = await run('hang', { processorMs: () => 3000 })
    assert.match(busy.error?.message ?? '', /more than 3 s of a processor/)
  })

  it('a disposable child is ended by whoever does not want its frames, with what they say', async () => {
    const refuse = (): never => {
      throw new Error('enough')
    }
    assert.equal((await run('hang', { onFrame: refuse })).error?.message, 'enough')
  })

  it('a disposable child does not outlive the process that started it', { skip: process.platform === 'win32' }, async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../../support/hanging-reader.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const { pid } = JSON.parse(line.toString()) as { pid: number }
    assert.ok(!isGone(pid))
    parent.kill('SIGKILL')
    while (!isGone(pid)) await sleep(100)
  })
})

describe('a file whose reader dies', () => {
  it('a file whose reader dies, hangs or says nothing is unreadable; the next is read, and no room is lost', async () => {
    const spools = createChunkSpools({ most: 100, memory: 0 })
    const read = (way: string, timeoutMs?: number) => {
      const reader = createWholeFileReader({
        run: (task) => runDisposable({ entry, ...task, told: { format: way }, timeoutMs: timeoutMs ?? task.timeoutMs }),
        spools,
      })
      return reader.read(Readable.from([Buffer.alloc(60)]), { format: npy, hints: {}, options: async () => ({}) })
    }
    for (const [way, timeoutMs] of [['die'], ['midway'], ['hang', 4000], ['throw'], ['nothing']] as [string, number?][])
      await assert.rejects(
        read(way, timeoutMs),
        (error: { code: string; errors: { code: string; path: string }[] }) => {
          assert.equal(error.code, 'VALIDATION_FAILED')
          assert.deepEqual([error.errors[0]?.code, error.errors[0]?.path], ['unreadable_file', '/body'])
          return true
        },
        way,
      )
    const spool = spools.openFile()
    await spool.add(Buffer.alloc(100))
    spool.remove()
  })
})
