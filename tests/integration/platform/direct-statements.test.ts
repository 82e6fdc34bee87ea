/** Raw statements go to the driver, and inside a transaction to Prisma: who writes one must not see a difference. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Prisma } from '../../../src/generated/prisma/client.ts'
import { createDatabase, type Database, type DatabaseClient } from '../../../src/platform/db/database-client.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let server: TestDatabase
let database: Database
before(async () => {
  server = await createTestDatabase()
  // A server that tells times as its clock on the wall does.
  const elsewhere = createDatabase(server.url)
  await elsewhere.prisma
    .$executeRaw`do $$ begin execute format('alter database %I set timezone = ''Asia/Kolkata''', current_database()); end $$`
  await elsewhere.close()
  database = createDatabase(server.url)
})
after(async () => {
  await database.close()
  await server.close()
})

const moment = new Date('2026-11-26T20:15:00.123Z')
const bytes = new Uint8Array([0, 1, 255])

/** A value of each type that statements of ours give, half of them from parameters. */
const values = Prisma.sql`
  select ${7}::int as int, ${2 ** 40}::bigint as bigint, ${0.1}::float8 as float, 'NaN'::float8 as nan, '-Infinity'::float8 as infinite, ${true}::boolean as boolean,
    ${'a "b" \\ 中'} as text, ${'x'}::text is not null as known, ${moment}::timestamptz as at, ${bytes}::bytea as bytes,
    ${['a', 'b,"c']}::text[] as texts, array[1, null, 3]::int[] as ints, array[0.5]::float8[] as floats, ${JSON.stringify({ a: [1, null] })}::jsonb as json,
    'null'::jsonb as "jsonNull", null::jsonb as nothing, '{1,2}'::int[] as list, gen_random_uuid() is not null as unique`

describe('raw statements', () => {
  it('give the same values past Prisma as inside a transaction', async () => {
    const read = async (client: DatabaseClient): Promise<Record<string, unknown> | undefined> => {
      const [row] = await client.$queryRaw<Record<string, unknown>[]>(values)
      return row && { ...row, bytes: Buffer.from(row.bytes as Uint8Array) }
    }
    const direct = await read(database.prisma)
    assert.deepEqual(direct, await database.transaction(read))
    assert.deepEqual([direct?.at, direct?.bigint], [moment, BigInt(2 ** 40)])
  })

  it('say how many rows they changed, and read the clock of the database right wherever that is', async () => {
    await database.prisma.$executeRaw`create table moments (at timestamptz default now(), "n" int)`
    assert.equal(await database.prisma.$executeRaw`insert into moments (n) select generate_series(1, ${3}::int)`, 3)
    const [row] = await database.prisma.$queryRaw<{ at: Date }[]>`select at from moments limit 1`
    assert.ok(Math.abs((row?.at.getTime() ?? 0) - Date.now()) < 600_000, `${row?.at}`)
  })
})
