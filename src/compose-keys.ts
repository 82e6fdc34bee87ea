/** Puts keys together: those of the environment, those that are stored, and what admins do with them. */
import type { Config } from './config.ts'
import type { NewId } from './features/ids.ts'
import { createConfiguredKeys } from './features/keys/configured-keys.ts'
import { createKeyRepository } from './features/keys/key.repository.ts'
import { createKeyService } from './features/keys/key.service.ts'
import { createKeyring } from './features/keys/keyring.ts'
import type { Database } from './platform/db/database-client.ts'

type Collaborators = {
  database: Database
  config: Pick<Config, 'apiKeys'> & Partial<Pick<Config, 'operatorKeys' | 'rateLimit'>>
  newId: NewId
  onError: (error: unknown) => void
}

export const composeKeys = ({ database, config, newId, onError }: Collaborators) => {
  const stored = createKeyRepository(database)
  const keyring = createKeyring({
    configured: createConfiguredKeys(config.apiKeys),
    operators: createConfiguredKeys(config.operatorKeys ?? []),
    stored,
    rateLimit: config.rateLimit,
    onError,
  })
  return { keyring, service: createKeyService({ keys: stored, newId, open: keyring.open }) }
}
