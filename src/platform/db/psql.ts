/** A prompt for SQL: psql where it is installed, else one of our own, since the embedded PostgreSQL comes without. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import pg from 'pg'

/** Runs psql, or what stands in for it, with psql's arguments in this environment; gives the exit code. */
export const runPsql = async (url: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  (await installedPsql(url, args, env)) ?? ownPsql(url, args)

/** Undefined if there is no psql. The password goes by the environment, which other users cannot read. */
const installedPsql = (url: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> => {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const child = spawn('psql', [address.href, ...args], { stdio: 'inherit', env: { ...env, PGPASSWORD: password } })
  return new Promise((done, failed) => {
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? done(undefined) : failed(error)))
    child.once('exit', (code) => done(code ?? 1))
  })
}

/** Takes `-c SQL`, SQL on standard input, or lines that a person types; each statement ends with a semicolon. */
const ownPsql = async (url: string, args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { command: { type: 'string', short: 'c', multiple: true } } })
  const client = new pg.Client({ connectionString: url, application_name: 'trainyard-psql' })
  await client.connect()
  try {
    if (values.command) return Math.max(...(await inTurn(values.command, (sql) => execute(client, sql))))
    if (!process.stdin.isTTY) return await execute(client, await text(process.stdin))
    await converse(client)
    return 0
  } finally {
    await client.end()
  }
}

const inTurn = async (statements: readonly string[], run: (sql: string) => Promise<number>): Promise<number[]> => {
  const codes: number[] = []
  for (const statement of statements) codes.push(await run(statement))
  return codes
}

const converse = async (client: pg.Client): Promise<void> => {
  process.stderr.write('psql is not installed: this prompt runs SQL that ends with a semicolon. \\dt lists tables, \\q leaves.\n')
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: 'trainyard=> ' })
  lines.prompt()
  let sql = ''
  for await (const line of lines) {
    if (line.trim() === '\\q') break
    if (line.trim() === '\\dt') await execute(client, listTables)
    else sql += `${line}\n`
    if (/;\s*$/.test(sql)) {
      await execute(client, sql)
      sql = ''
    }
    lines.prompt()
  }
  lines.close()
}

const listTables = `select relname as table, n_live_tup as rows from pg_stat_user_tables where schemaname = 'public' order by 1`

/** Prints what the statements give, or what is wrong with them. */
const execute = async (client: pg.Client, sql: string): Promise<number> => {
  try {
    const results = [await client.query({ text: sql, rowMode: 'array' })].flat()
    for (const result of results) process.stdout.write(result.fields.length > 0 ? table(result) : `${result.command}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 1
  }
}

const table = ({ fields, rows }: pg.QueryArrayResult): string => {
  const cells = [fields.map(({ name }) => name), ...rows.map((row: unknown[]) => row.map(shown))]
  const widths = fields.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0))
  const [head = '', ...body] = cells.map((row) => ` ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')}`)
  return `${[head, widths.map((width) => '-'.repeat(width + 2)).join('+'), ...body, `(${rows.length} row${rows.length === 1 ? '' : 's'})`].join('\n')}\n`
}

const shown = (value: unknown): string => {
  if (value === null) return ''
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex', 0, 32)}${value.length > 32 ? '…' : ''}`
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
