/** What the page knows of defaults: for each part of a job config its fields, their parts and their defaults, out of openapi.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.mjs'

const prefix = '#/components/schemas/'

/** Choices have no defaults, since the service may choose; a config that comes back has chosen, and is compared with the plain ones. */
const plain = { TrainingChoice: 'Training' }

const nameOf = ({ $ref }) => {
  const name = $ref?.slice(prefix.length)
  return plain[name] ?? name
}

/**
 * Parts by name, as `{fields: {name: {part?, default?}}}`, or as `{types: {type: part}}` if `type` tells them apart.
 * @returns {Record<string, { fields?: Record<string, { part?: string, default?: unknown }>, types?: Record<string, string> }>}
 */
export const readContractDefaults = () => {
  const { schemas } = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')).components
  const parts = {}

  /** The name of the part that a schema refers to, and of those below it. */
  const visit = (schema) => {
    if (schema.items) return visit(schema.items)
    const name = nameOf(schema)
    if (name !== undefined) {
      if (!(name in parts)) {
        parts[name] = {}
        describe(schemas[name], parts[name])
      }
      return name
    }
    // A name or an object: the object is what has fields.
    return (schema.oneOf ?? []).map(visit).findLast((found) => found !== undefined)
  }

  const describe = (schema, part) => {
    const members = (schema.oneOf ?? []).map((member) => ({
      name: visit(member),
      schema: schemas[member.$ref?.slice(prefix.length)] ?? member,
    }))
    if (members.length > 0 && members.every((member) => member.schema.properties?.type?.const !== undefined))
      part.types = Object.fromEntries(members.map((member) => [member.schema.properties.type.const, member.name]))
    else if (members.length > 0) part.fields = Object.assign({}, ...members.toReversed().map(({ name }) => parts[name]?.fields))
    if (schema.properties)
      part.fields = Object.fromEntries(
        Object.entries(schema.properties)
          .map(([field, of]) => [field, { part: visit(of), default: of['x-default'] }])
          .filter(([, { part: below, default: value }]) => below !== undefined || value !== undefined),
      )
  }

  visit({ $ref: `${prefix}JobConfig` })
  return parts
}
