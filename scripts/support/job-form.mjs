/** What the page's form of a job knows beside the catalog: the options of the other parts of a config, out of openapi.json, and the examples. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './steps.mjs'

const prefix = '#/components/schemas/'

/** Parts that the catalog describes, or that the form has fields of its own for. */
const elsewhere = ['dataset', 'model', 'loss', 'optimizer', 'schedule', 'solver', 'metrics', 'auto']

/**
 * `parts` has options by part and name, in the shape of a CatalogOption; those of the whole config are under ''. `examples` are configs of jobs.
 * @returns {{ parts: Record<string, Record<string, object>>, examples: { name: string, config: object }[] }}
 */
export const readJobForm = () => {
  const { schemas } = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')).components

  /** A schema with what it refers to; what is said beside the reference is nearer. */
  const resolve = ({ $ref, ...beside }) => ($ref === undefined ? beside : { ...resolve(schemas[$ref.slice(prefix.length)]), ...beside })

  const optionsOf = ({ properties, required = [] }) =>
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, toOption(resolve(schema), required.includes(name))]))

  const toOption = (schema, required) => {
    const variants = (schema.oneOf ?? [schema]).map(resolve)
    const first = (key) => variants.find((variant) => variant[key] !== undefined)?.[key]
    const types = [...new Set(variants.map(({ type, const: constant }) => type ?? typeof constant))]
    const objects = variants.filter(({ properties }) => properties)
    const option = {
      // The field shows the default itself.
      description: schema.description.replace(/ Default: `.*`\.$/, ''),
      required,
      type: types.length === 1 ? types[0] : types,
      default: schema['x-default'],
      items: first('items'),
      ...Object.fromEntries(limits.map((key) => [key, first(key)])),
    }
    // Rules by names of the client's own are for the JSON.
    if (objects.length > 0 && variants.every(({ type }) => type === 'object'))
      option.properties = Object.assign(
        {},
        ...objects.map((variant) => optionsOf(variants.length > 1 ? { ...variant, required: [] } : variant)),
      )
    return option
  }

  const config = schemas.TrainingJobConfig
  const parts = { '': {} }
  for (const [name, schema] of Object.entries(config.properties)) {
    if (elsewhere.includes(name)) continue
    const option = toOption(resolve(schema), false)
    if (option.properties) parts[name] = option.properties
    else parts[''][name] = option
  }
  return { parts, examples: readExamples() }
}

const limits = ['enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']

/** Those that are configs of jobs; some want a dataset to be chosen. */
const readExamples = () =>
  readdirSync(join(root, 'examples'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ name: basename(file, '.json'), config: JSON.parse(readFileSync(join(root, 'examples', file), 'utf8')) }))
    .filter(({ config }) => config.dataset)
