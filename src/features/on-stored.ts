import type { DatabaseClient } from '../platform/db/database-client.ts'

/** What else must be written in the transaction that stores or changes something, so that both are there or neither. */
export type OnStored = {
  /** Resolves once all is known that will be written; call it before the transaction. */
  ready: () => Promise<void>
  /** Writes, with the id of what was stored. Call it last: others wait for what it locks. */
  write: (client: DatabaseClient, id: string) => Promise<void>
}
