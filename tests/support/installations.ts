/** What installations of earlier commits left in their databases, and what their APIs said of it: tests/fixtures/installations. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '../../src/platform/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

const folder = fileURLToPath(new URL('../fixtures/installations/', import.meta.url))

type Tensor = { name: string; shape: number[]; values: number[]; norm: number }

/** A resource as it was answered; newer versions may say more. */
type Said = Record<string, unknown> & { id: string }

/** A job that was not over. `losses` and `weights` are what it came to where nothing disturbed it. */
type Unfinished = {
  name: string
  id: string
  status: 'paused' | 'running' | 'queued'
  epoch: number
  request: object
  losses: number[]
  weights: Tensor[]
}

export type Installation = {
  name: string
  datasets: { id: string; body: Said; batch: object }[]
  jobs: { id: string; body: Said; epochs: object[]; gradients: object[]; events: object[]; weights: object | null }[]
  keyed: { key: string; request: object; id: string }
  sweep: { id: string; points: object[] }
  unfinished: Unfinished[]
}

export const installations = (): Installation[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => {
      const name = file.replace(/\.sql$/, '')
      return { ...(JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Omit<Installation, 'name'>), name }
    })

/** A database as the installation left it, brought to the newest schema as every start does. */
export const openInstallation = async ({ name }: Installation): Promise<TestDatabase> => {
  const stored = await createTestDatabase({ empty: true })
  const client = new pg.Client({ connectionString: stored.url })
  await client.connect()
  await client.query(readFileSync(`${folder}${name}.sql`, 'utf8'))
  await client.end()
  const warnings: string[] = []
  await migrate(stored.url, undefined, (warning) => warnings.push(warning))
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  return stored
}
