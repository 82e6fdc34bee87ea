/** `trainyard keys` */
import type { Command } from 'commander'
import { NotFoundError, TrainyardError } from '../../errors.ts'
import { contextOf } from '../context.ts'
import { table } from '../format.ts'

type Key = { id: string; createdAt?: string; [field: string]: unknown }

/** The contract has no keys yet; a service that has them lists them here. */
export const addKeys = (program: Command, signal: AbortSignal): void => {
  program
    .command('keys')
    .description('the keys of the service, if it keeps any itself')
    .action(async (_flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      const { data } = await client.request<{ data: Key[] }>('GET', '/v1/keys', { signal }).catch((error: unknown) => {
        if (error instanceof NotFoundError)
          throw new TrainyardError('This service keeps no keys: those that it takes are in its API_KEYS', { cause: error })
        throw error
      })
      result(data, describe)
    })
}

const describe = (keys: readonly Key[]): string =>
  table(
    ['id', 'created', 'about'],
    keys.map(({ id, createdAt = '', ...rest }) => [
      id,
      createdAt,
      Object.entries(rest)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ]),
  )
