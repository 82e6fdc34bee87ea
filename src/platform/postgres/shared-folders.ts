import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a machine keeps the state of its services; only root may add to it. */
const stateFolder = '/var/lib'

/**
 * Folders that every user may enter, best first: a folder for temporary files may be cleaned up after some weeks,
 * so a database lies there only if there is nothing better.
 */
export const sharedFolders = (): string[] => [...new Set([...ownStateFolder(), '/var/tmp', tmpdir()])]

const ownStateFolder = (): string[] => {
  if (process.geteuid?.() !== 0 || !existsSync(stateFolder)) return []
  const folder = join(stateFolder, 'trainyard')
  try {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o755)
    return [folder]
  } catch {
    // A read-only system.
    return []
  }
}
