/** Keys of the API: who may do what in the name of a tenant. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { nullable } from './nullable.ts'
import { pageOf, pageQuery } from './page.schema.ts'
import type { Named } from './published.ts'

/** What a key may do within its tenant; each may all that those before it may. */
export const scopes = ['read', 'write', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** Keys of a tenant that are in force at a time, and those that no longer are and are still listed. */
export const maxKeys = 1000
export const maxDeadKeys = 100

/** Requests a minute that can be asked for: what one address may send at most. */
export const maxRateLimit = 100_000

const scope = Type.Unsafe<Scope>({
  type: 'string',
  enum: [...scopes],
  description: '`read`: GET requests. `write`: all but keys and secrets. `admin`: everything of the tenant.',
})
const time = (description: string) => Type.String({ format: 'date-time', description })
const name = Type.String({ minLength: 1, maxLength: 200, description: 'What it is for, for people.' })
const rateLimit = Type.Integer({ minimum: 1, maximum: maxRateLimit, description: 'Requests a minute; unless given, what RATE_LIMIT says.' })

export const CreateKeySchema = Type.Object(
  {
    scope,
    name: Type.Optional(nullable(name)),
    expiresAt: Type.Optional(nullable(time('From when on it is refused; never unless given.'))),
    rateLimit: Type.Optional(nullable(rateLimit)),
  },
  {
    $id: 'CreateKey',
    additionalProperties: false,
    description: 'A key to be made.',
    examples: [{ name: 'nightly report', scope: 'read' }],
  },
)
export type CreateKey = Static<typeof CreateKeySchema>

const example = {
  id: 'key_01kaf3m5d9v0q8c1x2y3z4w5a6',
  tenant: 'alice',
  name: 'nightly report',
  scope: 'read' as const,
  rateLimit: null,
  createdAt: '2026-11-26T10:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: '2026-11-26T10:05:00.000Z',
}

export const KeySchema = Type.Object(
  {
    id: Type.String({ description: '`key_…`' }),
    tenant: Type.String({ description: 'Whose things it reaches.' }),
    name: nullable(Type.String(), 'What it is for, if that was said.'),
    scope,
    rateLimit: nullable(Type.Integer(), 'Requests a minute, if that was said of this key.'),
    createdAt: time('When it was made.'),
    expiresAt: nullable(time('From when on it is refused; null: never.')),
    revokedAt: nullable(time('When it was revoked; null: it was not.')),
    lastUsedAt: nullable(time('When it was last shown, to about a minute; null: never yet.')),
    secret: Type.Optional(Type.String({ description: 'What to send. Only in the answer that made the key: nobody can tell it again.' })),
  },
  { $id: 'Key', description: 'A key of the API.', examples: [example] },
)
export type KeyResource = Static<typeof KeySchema>

export const KeyPageSchema = pageOf(ref(KeySchema), {
  $id: 'KeyPage',
  description: 'A page of keys.',
  examples: [{ data: [example], hasMore: false, nextCursor: null }],
})

/** Whose a request is. */
export const CurrentKeySchema = Type.Object(
  {
    id: nullable(Type.String(), '`key_…`; null if it is one of the environment, or none is needed.'),
    tenant: nullable(Type.String(), 'Whose things it reaches; null for an operator who did not say it with `X-Tenant`.'),
    name: nullable(Type.String(), 'What it is for, if that was said.'),
    scope: Type.Unsafe<Scope | 'operator'>({
      type: 'string',
      enum: [...scopes, 'operator'],
      description: 'What it may do; an `operator` may all that an admin may, of any tenant.',
    }),
    rateLimit: nullable(Type.Integer(), 'Requests a minute; null: as many as one likes.'),
    expiresAt: nullable(time('From when on it is refused; null: never.')),
  },
  {
    $id: 'CurrentKey',
    description: 'The key that a request was sent with.',
    examples: [{ id: example.id, tenant: 'alice', name: 'nightly report', scope: 'read', rateLimit: null, expiresAt: null }],
  },
)
export type CurrentKeyResource = Static<typeof CurrentKeySchema>

export const keySchemas = [CreateKeySchema, KeySchema, KeyPageSchema, CurrentKeySchema] as const satisfies readonly Named[]
export const keyListQuery = Type.Object(pageQuery('key'), { additionalProperties: false })
