/** What the service says of itself. */
import { Type } from 'typebox'

const ok = Type.Literal('ok', { description: 'Always `ok`; a service that is not says so in a problem.' })

export const HealthSchema = Type.Object(
  { status: ok },
  { $id: 'Health', description: 'The process is alive.', examples: [{ status: 'ok' }] },
)

export const ReadinessSchema = Type.Object(
  { status: ok, checks: Type.Record(Type.String(), Type.Literal('ok'), { description: 'What was checked, by name.' }) },
  {
    $id: 'Readiness',
    description: 'The service can take requests.',
    examples: [{ status: 'ok', checks: { database: 'ok', migrations: 'ok', queue: 'ok' } }],
  },
)

/** What has a name. */
export const healthSchemas = [HealthSchema, ReadinessSchema]
