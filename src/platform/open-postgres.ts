import type { Config } from '../config.ts'
import { answering } from './db/answering.ts'
import type { Log } from './log.ts'
import { openEmbeddedPostgres } from './postgres/embedded-postgres.ts'

/** The database server: the given one, once it takes connections, or the embedded one of DATA_DIR. */
export const openPostgres = async (config: Config, log: Log, timeoutMs?: number): Promise<{ url: string; close: () => Promise<void> }> =>
  config.databaseUrl
    ? { url: await answering(config.databaseUrl, log, timeoutMs), close: async () => {} }
    : openEmbeddedPostgres({
        dataDir: config.dataDir,
        onProgress: (message) => log.info(message),
        onTrouble: (message) => log.warn(message),
      })
