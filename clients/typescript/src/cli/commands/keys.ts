/** `trainyard keys` */
import { type Command, Option } from 'commander'
import { TrainyardError } from '../../errors.ts'
import type { CurrentKey, Key, NewKey } from '../../types.ts'
import { contextOf } from '../context.ts'
import { table } from '../format.ts'
import { whole } from '../whole.ts'

const scopes = ['read', 'write', 'admin'] as const

type Flags = { tenant?: string }
type NewKeyFlags = { scope: NewKey['scope']; name?: string; expires?: string; rateLimit?: number }

export const addKeys = (program: Command, signal: AbortSignal): void => {
  const keys = program
    .command('keys')
    .description('make keys of your tenant, list and revoke them')
    .option('--tenant <tenant>', "for whom, with an operator's key")
  const optionsOf = (command: Command) => ({ signal, tenant: command.optsWithGlobals<Flags>().tenant })

  keys
    .command('create')
    .description('make a key, and print its secret, which is told this once')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(scopes).makeOptionMandatory())
    .option('--name <name>', 'what it is for')
    .option('--expires <time>', 'when it ends, as in 2030-01-01T00:00:00Z; never unless said')
    .option('--rate-limit <requests>', 'requests a minute', whole)
    .action(async ({ scope, name, expires, rateLimit }: NewKeyFlags, command: Command) => {
      const { client, result, note } = contextOf(command)
      const key = await client.keys.create({ scope, name, expiresAt: expires, rateLimit }, optionsOf(command))
      const { id, secret } = key
      if (secret === undefined)
        throw new TrainyardError(`The key ${id} was made, and the answer with its secret was lost: revoke it, and make another`)
      note(`${id} with the scope ${scope}; this is its secret, which nobody can tell again:`)
      result(key, () => secret)
    })

  keys
    .command('list', { isDefault: true })
    .description('the keys, newest first, without their secrets')
    .option('-n, --limit <count>', 'how many', whole, 20)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.keys.list({ limit: Math.min(limit, 100) }, optionsOf(command)).toArray(limit), describe)
    })

  keys
    .command('current')
    .description('what the key in TRAINYARD_API_KEY may do')
    .action(async (_flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.keys.current(optionsOf(command)), describeCurrent)
    })

  keys
    .command('revoke')
    .description('revoke a key: within two seconds it is refused everywhere')
    .argument('<key>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      await client.keys.revoke(id, optionsOf(command))
      result({ id, revoked: true }, () => `${id} revoked`)
    })
}

const describe = (keys: readonly Key[]): string =>
  table(
    ['id', 'scope', 'name', 'created', 'last used', 'in force'],
    keys.map((key) => [key.id, key.scope, key.name ?? '', key.createdAt, key.lastUsedAt ?? 'never', inForce(key)]),
  )

const inForce = ({ revokedAt, expiresAt }: Pick<Key, 'revokedAt' | 'expiresAt'>): string => {
  if (revokedAt) return `revoked ${revokedAt}`
  if (!expiresAt) return 'yes'
  return Date.parse(expiresAt) > Date.now() ? `until ${expiresAt}` : `expired ${expiresAt}`
}

const describeCurrent = ({ id, tenant, scope, name, expiresAt }: CurrentKey): string =>
  [
    `scope   ${scope}`,
    `tenant  ${tenant ?? 'any, with --tenant'}`,
    ...(id === null ? [] : [`key     ${id}${name ? ` (${name})` : ''}, ${expiresAt === null ? 'without an end' : `until ${expiresAt}`}`]),
  ].join('\n')
