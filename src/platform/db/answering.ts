/** Waiting for a database server that starts beside us, as in a docker-compose file. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../log.ts'

/** Nobody listens yet, the name isn't known yet, or PostgreSQL is still starting or already stopping. */
const notYet = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|ETIMEDOUT|57P03|57P01|terminated|timeout/

const pauseMs = 250

/**
 * Resolves with the URL once its server takes connections.
 * @throws at once if waiting can't help (wrong password, no such database), or when `timeoutMs` is over
 */
export const answering = async (url: string, log: Log, timeoutMs = 30_000): Promise<string> => {
  const deadline = Date.now() + timeoutMs
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url, application_name: 'trainyard-start', connectionTimeoutMillis: 5000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return url
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (!notYet.test(`${code} ${message}`) || Date.now() > deadline)
        throw new Error(`the database of DATABASE_URL does not answer: ${message || code}`, { cause: error })
      if (attempt === 1) log.info(`waiting for the database of DATABASE_URL (${code})`)
      await sleep(pauseMs)
    } finally {
      await client.end().catch(() => {})
    }
  }
}
