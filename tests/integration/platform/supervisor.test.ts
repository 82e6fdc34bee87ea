import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import pg from 'pg'
import { pino } from 'pino'
import type { Announcement } from '../../../src/platform/entry.ts'
import type { Log } from '../../../src/platform/log.ts'
import { type KeptChild, keepChild } from '../../../src/platform/supervisor/kept-child.ts'
import { type SupervisorLock, takeSupervisorLock } from '../../../src/platform/supervisor/supervisor-lock.ts'
import { entryOf } from '../../support/entry.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { openProxy } from '../../support/tcp-proxy.ts'

describe('a kept child', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-kept-'))
  const said: string[] = []
  const log: Log = pino({ base: null }, { write: (line: string) => said.push(JSON.parse(line).msg) })
  const kept: KeptChild[] = []
  afterEach(async () => {
    for (const child of kept.splice(0)) await child.stop(0)
  })
  after(() => rmSync(folder, { recursive: true }))

  const keep = (behaviour: string, wellAfterMs?: number) => {
    const trace = join(folder, `trace-${Math.random().toString(36).slice(2)}`)
    const news = new EventEmitter()
    let starts = 0
    const child = keepChild({
      name: 'role',
      entry: entryOf('tests/fixtures/platform/role.ts'),
      env: () => ({ PATH: process.env.PATH, LOG_LEVEL: 'silent', BEHAVIOUR: behaviour, TRACE: trace, START: String(++starts) }),
      log,
      onAnnouncement: (announcement: Announcement) => news.emit('up', announcement),
      onGiveUp: (error) => news.emit('given up', error),
      wellAfterMs,
    })
    kept.push(child)
    return { child, news, starts: () => starts, trace: () => readFileSync(trace, 'utf8').split('\n').slice(0, -1) }
  }

  it('a kept child is started again when it is killed, as another process', async () => {
    const { child, news, starts } = keep('run')
    assert.deepEqual(await once(news, 'up'), [{ type: 'listening', url: 'http://127.0.0.1:1234' }])
    const first = child.pid()
    assert.ok(first)
    const again = once(news, 'up')
    process.kill(first, 'SIGKILL')
    await again
    assert.equal(starts(), 2)
    assert.notEqual(child.pid(), first)
  })

  const killTwice = async ({ child, news }: ReturnType<typeof keep>): Promise<string[]> => {
    await once(news, 'up')
    said.length = 0
    for (let kill = 0; kill < 2; kill += 1) {
      const again = once(news, 'up')
      process.kill(child.pid() ?? 0, 'SIGKILL')
      await again
    }
    return said.map((line) => line.replace(/.*in /, ''))
  }

  it('a kept child is started again as soon after its second death as after its first, if it was well in between', async () => {
    assert.deepEqual(await killTwice(keep('run', 0)), ['100 ms', '100 ms'])
  })

  it('a kept child is started again later after its second death, if it was not well in between', async () => {
    assert.deepEqual(await killTwice(keep('run', 600_000)), ['100 ms', '500 ms'])
  })

  it('a kept child is given up when it never comes up', async () => {
    const { news, starts } = keep('fail')
    const [error] = await once(news, 'given up')
    assert.match(String(error), /role does not start \(exit code 1\)/)
    assert.ok(starts() > 1)
  })

  it('a kept child closes what it opened when it is stopped, and is not started again', async () => {
    const { child, news, starts, trace } = keep('run')
    await once(news, 'up')
    await child.stop(20_000)
    assert.deepEqual(trace().slice(1), ['closed last', 'closed first'])
    assert.equal(child.pid(), undefined)
    assert.equal(starts(), 1)
  })

  it('a kept child is killed when it does not end in time', async () => {
    const { child, news, trace } = keep('stubborn')
    await once(news, 'up')
    await child.stop(50)
    assert.equal(child.pid(), undefined)
    assert.equal(trace().length, 1)
  })
})

describe('the lock of a supervisor', () => {
  let database: TestDatabase
  const locks: SupervisorLock[] = []
  before(async () => {
    database = await createTestDatabase({ empty: true })
  })
  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock.release()
  })
  after(() => database?.close())

  const take = async (scope: string, onLost = (): void => {}, url = database.url): Promise<SupervisorLock | undefined> => {
    const lock = await takeSupervisorLock({ url, scope, onLost })
    if (lock) locks.push(lock)
    return lock
  }

  it('the lock of a supervisor is held by one at a time, and free again when that one releases it', async () => {
    const first = await take('a')
    assert.ok(first)
    assert.equal(await take('a'), undefined)
    await first.release()
    assert.ok(await take('a'))
  })

  it('concerns its scope only', async () => {
    assert.ok(await take('a'))
    assert.ok(await take('b'))
  })

  it('the lock of a supervisor is taken back from the connection that the server keeps when only the network broke', async () => {
    const proxy = await openProxy(database.url)
    assert.ok(await take('a', () => assert.fail('it was not lost to anybody'), proxy.url))
    const admin = new pg.Client({ connectionString: database.url })
    await admin.connect()
    const holders = `select a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid
      where application_name = 'trainyard-supervisor' and datname = current_database() and locktype = 'advisory' and granted`
    const [before] = (await admin.query(holders)).rows
    proxy.cutNear()
    for (;;) {
      const { rows } = await admin.query(holders)
      if (rows[0] && rows[0].pid !== before.pid) break
    }
    await admin.end()
    for (const lock of locks.splice(0)) await lock.release()
    await proxy.close()
  })

  it('the lock of a supervisor is taken back after a lost connection', async () => {
    assert.ok(await take('a', () => assert.fail('it was not lost to anybody')))
    const admin = new pg.Client({ connectionString: database.url })
    await admin.connect()
    const others = `select pid from pg_stat_activity where application_name = 'trainyard-supervisor' and datname = current_database()`
    const [before] = (await admin.query(others)).rows
    await admin.query('select pg_terminate_backend($1)', [before.pid])
    for (;;) {
      const { rows } = await admin.query(`${others} and pid in (select pid from pg_locks where locktype = 'advisory' and granted)`)
      if (rows[0] && rows[0].pid !== before.pid) break
    }
    await admin.end()
    assert.equal(await take('a'), undefined)
  })
})
