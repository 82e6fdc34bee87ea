/** Fields for options as the catalog describes them; one whose value has options itself holds theirs. */
import type { Catalog, CatalogEntry, CatalogOption } from '../../api/types.ts'
import { Field } from '../../components/field.tsx'
import type { Options } from './contract.ts'
import { isObject, type Json, type Path } from './draft.ts'
import { useField, useForm } from './form-context.ts'
import { writeValue } from './option-text.ts'
import { ScalarField } from './scalar-field.tsx'

type Fields = { path: Path; options: Options }

export const OptionFields = ({ path, options }: Fields) => (
  <div class="options">
    {Object.entries(options).map(([name, option]) => (
      <OptionField key={name} name={name} path={[...path, name]} option={option} />
    ))}
  </div>
)

export const OptionField = ({ name, path, option }: { name: string; path: Path; option: CatalogOption }) => {
  if (option.of) return <TypedField label={name} path={path} list={option.of} option={option} />
  if (option.properties && option.type === 'object')
    return <OptionGroup name={name} path={path} options={option.properties} hint={option.description} />
  return <ScalarField name={name} path={path} option={option} />
}

type CatalogList = 'layers' | 'losses' | 'optimizers' | 'schedules' | 'initializers' | 'activations' | 'solvers' | 'generators'

type TypedProps = {
  label: string
  path: Path
  list: CatalogList
  /** How the catalog describes it, if it is an option itself. */
  option?: CatalogOption
  /** What it means to leave it out; null if it cannot be. */
  absent?: string | null
  /** The field that tells the types apart. */
  tag?: 'type' | 'kind'
}

export const TypedField = ({ label, path, list, option, absent = absentText(option), tag = 'type' }: TypedProps) => {
  const { catalog } = useForm()
  const { value, set, error } = useField(path)
  const kindError = useField([...path, tag]).error
  const entries: CatalogEntry[] = catalog[list]
  const current = isObject(value) ? value[tag] : value
  const entry = entries.find(({ type }) => type === current)
  const options = entry ? optionsOf(catalog, list, entry) : {}

  const choose = (type: string): void => {
    const next = entries.find((one) => one.type === type)
    if (!next) set(undefined)
    else if (list === 'activations' && Object.keys(next.options).length === 0) set(type)
    else {
      // What the new one knows too is kept.
      const known = optionsOf(catalog, list, next)
      const kept = isObject(value) ? Object.entries(value).filter(([name]) => Object.hasOwn(known, name)) : []
      set({ [tag]: type, ...Object.fromEntries(kept) })
    }
  }

  return (
    <div class={`typed ${Object.keys(options).length > 0 ? 'with-options' : ''}`}>
      <Field label={label} hint={entry?.summary ?? option?.description} error={[error, kindError].filter(Boolean).join('; ') || undefined}>
        {(field) => (
          <select {...field} value={String(current ?? '')} onChange={(event) => choose(event.currentTarget.value)}>
            {absent !== null && <option value="">{absent}</option>}
            {current !== undefined && !entry && <option value={String(current)}>{String(current)}</option>}
            {entries.map(({ type }) => (
              <option key={type} value={type}>
                {type}
              </option>
            ))}
          </select>
        )}
      </Field>
      {entry && <OptionFields key={entry.type} path={path} options={options} />}
    </div>
  )
}

const OptionGroup = ({ name, path, options, hint }: Fields & { name: string; hint: string }) => {
  const { error } = useField(path)
  return (
    <fieldset class="option-group">
      <legend>{name}</legend>
      <p class="muted group-hint">{hint}</p>
      {error && <p class="group-error">{error}</p>}
      <OptionFields path={path} options={options} />
    </fieldset>
  )
}

/** In a job a loss has a reduction too. */
const optionsOf = ({ losses }: Catalog, list: CatalogList, { type, options }: CatalogEntry): Options => {
  const loss = list === 'losses' ? losses.find((one) => one.type === type) : undefined
  if (!loss) return options
  const reduction: CatalogOption = {
    description: `How the values become one number. mean divides by ${loss.meanDividesBy}.`,
    required: false,
    type: 'string',
    enum: loss.reductions.filter((name) => name !== 'none'),
    default: 'mean',
  }
  return { reduction, ...options }
}

const absentText = (option: CatalogOption | undefined): string | null => {
  if (option?.required) return null
  return option?.default === undefined ? 'not given' : `default: ${nameOf(option.default as Json)}`
}

const nameOf = (value: Json): string => (isObject(value) && typeof value.type === 'string' ? value.type : writeValue(value))
