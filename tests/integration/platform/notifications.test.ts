import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import pg from 'pg'
import { createDatabase, type Database } from '../../../src/platform/db/database-client.ts'
import { createNotifications, type Notifications } from '../../../src/platform/db/notifications.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { openProxy } from '../../support/tcp-proxy.ts'

const patience = { timeoutMs: 20_000 }

describe('notifications', () => {
  let testDatabase: TestDatabase
  let database: Database
  let admin: pg.Client
  const open: Notifications[] = []

  before(async () => {
    testDatabase = await createTestDatabase()
    database = createDatabase(testDatabase.url)
    admin = new pg.Client({ connectionString: testDatabase.url })
    await admin.connect()
  })
  afterEach(async () => {
    for (const notifications of open.splice(0)) await notifications.close()
  })
  after(async () => {
    await admin?.end()
    await database?.close()
    await testDatabase?.close()
  })

  /** Listening on both channels, its connection standing. */
  const listening = async (url = testDatabase.url): Promise<Notifications> => {
    const notifications = createNotifications(url, { channels: ['left', 'right'] })
    open.push(notifications)
    await notifications.wait('left', 'the connection', patience)
    return notifications
  }

  const notify = (channel: string, id: string): Promise<void> => database.notify(database.prisma, channel, id)

  it('notifications wake whoever watches the row, and nobody else', async () => {
    const notifications = await listening()
    const watched = notifications.watch('left', 'a')
    const [otherRow, otherChannel] = [notifications.watch('left', 'b'), notifications.watch('right', 'a')]
    await notify('left', 'a')
    assert.equal(await watched.next(patience), true)
    assert.equal(await otherRow.next({ timeoutMs: 0 }), false)
    assert.equal(await otherChannel.next({ timeoutMs: 0 }), false)
  })

  it('notifications are not lost when they come between reading and waiting', async () => {
    const notifications = await listening()
    const watch = notifications.watch('left', 'a')
    const marker = notifications.watch('left', 'marker')
    await notify('left', 'a')
    await notify('left', 'marker')
    await marker.next(patience)
    assert.equal(await watch.next({ timeoutMs: 0 }), true)
    assert.equal(await watch.next({ timeoutMs: 0 }), false, 'one wake-up is told once')
  })

  it('notifications come when the transaction commits, and never when it is rolled back', async () => {
    const notifications = await listening()
    const watch = notifications.watch('left', 'a')
    const failing = database.transaction(async (tx) => {
      await database.notify(tx, 'left', 'a')
      throw new Error('rolled back')
    })
    await assert.rejects(failing, /rolled back/)
    const marker = notifications.wait('left', 'marker', patience)
    await database.transaction(async (tx) => {
      await database.notify(tx, 'left', 'marker')
    })
    assert.equal(await marker, true)
    assert.equal(await watch.next({ timeoutMs: 0 }), false)
  })

  it('notifications end a wait at its timeout, or when its signal aborts', async () => {
    const notifications = await listening()
    assert.equal(await notifications.wait('left', 'a', { timeoutMs: 1 }), false)
    const abort = new AbortController()
    const waiting = notifications.wait('left', 'a', { ...patience, signal: abort.signal })
    abort.abort()
    assert.equal(await waiting, false)
    assert.equal(await notifications.wait('left', 'a', { ...patience, signal: abort.signal }), false)
  })

  it('notifications wake everyone after a lost connection, and go on over a new one', async () => {
    const notifications = await listening()
    const heard: (string | null)[] = []
    notifications.on('right', (id) => heard.push(id))
    const watch = notifications.watch('left', 'a')
    const { rows } = await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'trainyard-notifications' and datname = current_database()`,
    )
    assert.equal(rows.length, 1)
    assert.equal(await watch.next(patience), true, 'lost')
    assert.equal(await watch.next(patience), true, 'back')
    await notify('left', 'a')
    assert.equal(await watch.next(patience), true)
    assert.deepEqual(heard, [null, null])
  })

  it('notifications wake everyone when the connection hangs, which no server says', async () => {
    const proxy = await openProxy(testDatabase.url)
    const notifications = await listening(proxy.url)
    const watch = notifications.watch('left', 'a')
    proxy.freeze()
    assert.equal(await watch.next(patience), true, 'lost')
    assert.equal(await watch.next(patience), true, 'back')
    await notify('left', 'a')
    assert.equal(await watch.next(patience), true)
    await notifications.close()
    await proxy.close()
  })

  it('call a handler with every id on its channel, until it is taken off', async () => {
    const notifications = await listening()
    const heard: (string | null)[] = []
    const off = notifications.on('right', (id) => heard.push(id))
    const marker = notifications.watch('left', 'marker')
    await notify('right', 'a')
    await notify('right', 'b')
    await notify('left', 'marker')
    await marker.next(patience)
    off()
    await notify('right', 'c')
    await notify('left', 'marker')
    await marker.next(patience)
    assert.deepEqual(heard, ['a', 'b'])
  })

  it('notifications are safe to wait for before the connection stands', async () => {
    const notifications = createNotifications(testDatabase.url, { channels: ['left'] })
    open.push(notifications)
    const watch = notifications.watch('left', 'a')
    assert.equal(notifications.isConnected(), false)
    assert.equal(await watch.next(patience), true, 'whoever read too early reads again')
    assert.equal(notifications.isConnected(), true)
  })

  it('notifications wake everyone who still waits when they are closed', async () => {
    const notifications = await listening()
    const waiting = notifications.wait('left', 'a', patience)
    await notifications.close()
    assert.equal(await waiting, true)
  })

  it('notifications refuse a channel that nobody listens on', async () => {
    const notifications = await listening()
    assert.throws(() => notifications.watch('middle', 'a'), /not listening on middle/)
  })
})
