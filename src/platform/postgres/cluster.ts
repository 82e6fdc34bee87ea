/**
 * A cluster is the folder of an embedded PostgreSQL: `data` (PostgreSQL's own), `password` and `server.log`.
 * It lies in DATA_DIR/postgres, or if the server's user can't work there, in a shared folder; DATA_DIR/postgres.json
 * says where. A cluster appears all at once or not at all, also when several processes start together.
 */
import { createHash, randomBytes } from 'node:crypto'
import { chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Postgres } from './binaries.ts'
import { canUse, runAs, type ServerUser } from './server-user.ts'
import { sharedFolders } from './shared-folders.ts'

export type Cluster = {
  folder: string
  /** PostgreSQL's data directory. */
  data: string
  log: string
  password: string
  /** Version of PostgreSQL that made it, and the only one that opens it. */
  major: number
}

/** The one role of an embedded cluster. */
export const clusterRole = 'trainyard'

const insideName = 'postgres'

/** The cluster of a DATA_DIR, or undefined if there is none yet. */
export const findCluster = (dataDir: string): Cluster | undefined => {
  const pointer = join(dataDir, 'postgres.json')
  const folder = existsSync(pointer) ? resolve(dataDir, JSON.parse(readFileSync(pointer, 'utf8')).folder) : join(dataDir, insideName)
  const data = join(folder, 'data')
  try {
    return {
      folder,
      data,
      log: join(folder, 'server.log'),
      password: readFileSync(join(folder, 'password'), 'utf8').trim(),
      major: Number.parseInt(readFileSync(join(data, 'PG_VERSION'), 'utf8'), 10),
    }
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'EACCES') throw new Error(`${path} belongs to another user: start as that user, or use another DATA_DIR`, { cause: error })
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !existsSync(pointer)) return undefined
    throw new Error(`${pointer} names a database in ${folder}, which can't be read: bring it back, or use another DATA_DIR`, {
      cause: error,
    })
  }
}

/** Makes the cluster of a DATA_DIR; if another process is faster, that one's stands. @throws with initdb's message */
export const createCluster = async (dataDir: string, user: ServerUser, postgres: Postgres): Promise<Cluster> => {
  mkdirSync(dataDir, { recursive: true })
  const staging = await stagingFolder(dataDir, user)
  let published = false
  try {
    const password = join(staging.folder, 'password')
    writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (user) chownSync(password, user.uid, user.gid)
    const result = await runAs(user, join(postgres.bin, 'initdb'), [
      ...['-D', join(staging.folder, 'data'), '-U', clusterRole, `--pwfile=${password}`],
      ...['-A', 'scram-sha-256', '-E', 'UTF8', '--no-locale'],
    ])
    if (result.code !== 0) throw new Error(`initdb failed: ${result.stderr || result.stdout}`)
    published = publish(dataDir, staging)
  } finally {
    if (!published) rmSync(staging.folder, { recursive: true, force: true })
  }
  const cluster = findCluster(dataDir)
  if (!cluster) throw new Error(`${join(dataDir, insideName)} is in the way of the database: move it, or use another DATA_DIR`)
  return cluster
}

type Staging = { folder: string; inside: boolean }

/** A new folder of the server's user: in DATA_DIR, or if that user can't work there, in a shared folder. */
const stagingFolder = async (dataDir: string, user: ServerUser): Promise<Staging> => {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const prefixes = [join(dataDir, `${insideName}.`), ...(user ? sharedFolders().map((parent) => join(parent, `trainyard-${hash}-`)) : [])]
  for (const [index, prefix] of prefixes.entries()) {
    let folder: string | undefined
    try {
      folder = mkdtempSync(prefix)
      if (user) chownSync(folder, user.uid, user.gid)
      if (await canUse(user, folder)) return { folder, inside: index === 0 }
    } catch (error) {
      // A file system without owners, or a full one: the next folder may do. Without a user to hand over to there is none.
      if (!user) throw error
    }
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
  throw new Error(`no folder that PostgreSQL's user can write to: not ${dataDir}, not ${sharedFolders().join(', not ')}`)
}

/** The one moment at which the cluster comes to be: a rename inside DATA_DIR, or else the pointer's appearance. False if one stands already. */
const publish = (dataDir: string, { folder, inside }: Staging): boolean => {
  if (!inside) return unlessTaken(() => linkPointer(dataDir, folder))
  const first = unlessTaken(() => renameSync(folder, join(dataDir, insideName)))
  // Only tells people where to look: the folder's name is known.
  if (first) unlessTaken(() => linkPointer(dataDir, insideName))
  return first
}

const linkPointer = (dataDir: string, folder: string): void => {
  const draft = join(dataDir, `postgres.json.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify({ folder }, null, 2)}\n`)
  try {
    linkSync(draft, join(dataDir, 'postgres.json'))
  } finally {
    rmSync(draft, { force: true })
  }
}

const unlessTaken = (take: () => void): boolean => {
  try {
    take()
    return true
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
