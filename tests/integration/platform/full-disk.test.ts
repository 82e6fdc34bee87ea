/** The embedded PostgreSQL on a disk that fills up, and is given room again. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../../src/platform/postgres/embedded-postgres.ts'

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

it('the server is started again and again until there is room, and the log says why it cannot', { timeout: 120_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-full-'))
  const mounted = process.geteuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder]).status === 0
  if (!mounted) {
    rmSync(folder, { recursive: true })
    return context.skip('no small disk can be made here')
  }
  chmodSync(folder, 0o755)
  const news = new EventEmitter()
  const next = async (name: string): Promise<string> => String((await once(news, name))[0])
  const postgres = await openEmbeddedPostgres({
    dataDir: folder,
    settings: ['fsync=off'],
    onTrouble: (message) => news.emit(/No space left|is full/.test(message) ? 'why' : /is back/.test(message) ? 'back' : 'other', message),
  })
  try {
    await query(postgres.url, 'create table kept as select generate_series(1, 1000) as id')
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M'])
    const first = next('why')
    process.kill(Number(readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
    assert.match(await first, /trying again|no connections yet/)
    await next('why')
    const back = next('back')
    rmSync(join(folder, 'filler'))
    await back
    assert.deepEqual(await query(postgres.url, 'select count(*)::int as rows from kept'), [{ rows: 1000 }])
  } finally {
    await postgres.close()
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true })
  }
})
