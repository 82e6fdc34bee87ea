import { tmpdir } from 'node:os'

/** Folders that every user may enter, the one that outlives a restart of the machine first. */
export const sharedFolders = (): string[] => [...new Set(['/var/tmp', tmpdir()])]
