/**
 * Statements that we write ourselves go to the driver itself. Prisma would make an operation of each, with a text of its
 * parameters and one of its rows in between: half a millisecond of CPU time for what takes the database less.
 */
import pg from 'pg'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'

type Statement = TemplateStringsArray | Prisma.Sql

/** What a client runs of statements that are not Prisma's own. */
type Raw = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>

/** Values of rows as Prisma gives them: a number that may be too large for a double is none. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (type, format) =>
    type === pg.types.builtins.INT8 ? (BigInt as (text: string) => unknown) : pg.types.getTypeParser(type, format),
}

/** The client with its raw statements on the pool. Inside its transactions they are Prisma's, as all that runs there is. */
export const withDirectStatements = (client: PrismaClient, pool: pg.Pool): PrismaClient => {
  const run = (statement: Statement, values: unknown[]): Promise<pg.QueryResult> => {
    const sql = statement instanceof Prisma.Sql ? statement : Prisma.sql(statement, ...values)
    return pool.query({ text: sql.text, values: sql.values, types })
  }
  const raw: Record<keyof Raw, (statement: Statement, ...values: unknown[]) => Promise<unknown>> = {
    $queryRaw: async (statement, ...values) => (await run(statement, values)).rows,
    $executeRaw: async (statement, ...values) => (await run(statement, values)).rowCount ?? 0,
  }
  const isRaw = (name: string | symbol): name is keyof Raw => Object.hasOwn(raw, name)
  return new Proxy(client, {
    get: (target, name) => (isRaw(name) ? raw[name] : Reflect.get(target, name)),
  })
}
