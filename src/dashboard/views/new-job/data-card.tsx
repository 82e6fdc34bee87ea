/** What the job trains on: a dataset of the service with its labels, or generated rows. */
import { get } from '../../api/client.ts'
import type { Dataset, Page } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/field.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { isObject, type Json } from './draft.ts'
import { useField } from './form-context.ts'
import { OptionField, TypedField } from './option-fields.tsx'

export const DataCard = () => {
  const { value, set, error } = useField(['dataset'])
  const synthetic = isObject(value) && 'synthetic' in value
  return (
    <Card title="Data">
      <div class="form-stack">
        <Field label="Rows from" error={error}>
          {(field) => (
            <select
              {...field}
              value={synthetic ? 'synthetic' : 'stored'}
              onChange={(event) =>
                set(event.currentTarget.value === 'synthetic' ? { synthetic: { kind: 'linear', weights: [2, -3.4] } } : { id: '' })
              }
            >
              <option value="stored">a dataset</option>
              <option value="synthetic">a generator</option>
            </select>
          )}
        </Field>
        {synthetic ? (
          <TypedField label="kind" path={['dataset', 'synthetic']} list="generators" absent={null} tag="kind" />
        ) : (
          <StoredData />
        )}
      </div>
    </Card>
  )
}

/** Columns that have a box each. */
const maxBoxes = 60

const StoredData = () => {
  const { value, set, error } = useField(['dataset', 'id'])
  const id = typeof value === 'string' ? value : ''
  const { data: offered } = useQuery((signal) => get<Page<Dataset>>('/datasets?limit=50', { signal }), [])
  const { data: dataset } = useQuery(
    async (signal) => (/^ds_\w{20,}$/.test(id) ? get<Dataset>(`/datasets/${id}`, { signal }).catch(() => undefined) : undefined),
    [id],
  )
  const columns = dataset?.id === id ? dataset.columns : []
  return (
    <>
      <Field
        label="Dataset"
        error={error}
        hint={dataset?.id === id ? `${dataset.name ?? 'Without a name'}, ${formatNumber(dataset.rows)} rows` : 'Its id, ds_…'}
      >
        {(field) => (
          <>
            <input
              {...field}
              class="mono"
              list="offered-datasets"
              autocomplete="off"
              spellcheck={false}
              value={id}
              onInput={(event) => set(event.currentTarget.value.trim())}
            />
            <datalist id="offered-datasets">
              {offered?.data.map(({ id: other, name }) => (
                <option key={other} value={other}>
                  {name ?? ''}
                </option>
              ))}
            </datalist>
          </>
        )}
      </Field>
      {columns.length > 0 && columns.length <= maxBoxes ? (
        <Labels names={columns.filter(({ type, role }) => type !== 'text' && role !== 'ignored').map(({ name }) => name)} />
      ) : (
        <OptionField name="labels" path={['dataset', 'labels']} option={names('Label columns, if the upload did not say.')} />
      )}
      <OptionField
        name="features"
        path={['dataset', 'features']}
        option={names('Feature columns; left out, all others that can be learned from.')}
      />
    </>
  )
}

const Labels = ({ names: offered }: { names: string[] }) => {
  const { value, set, error } = useField(['dataset', 'labels'], true)
  const chosen: Json[] = Array.isArray(value) ? value : []
  const toggle = (name: string): void => {
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]
    set(next.length > 0 ? next : undefined)
  }
  return (
    <fieldset class="option-group">
      <legend>labels: what is to be predicted</legend>
      {error && <p class="group-error">{error}</p>}
      <div class="boxes">
        {offered.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

const names = (description: string) => ({ description, required: false, type: 'array' as const, items: { type: 'string' as const } })
