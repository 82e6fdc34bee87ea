/** Starts anew from an example, a job or a dataset. */
import { useState } from 'preact/hooks'
import { Field } from '../../components/field.tsx'
import { navigate, useSearch } from '../../router.ts'
import { examples } from './contract.ts'

export const StartPicker = () => {
  const [search] = useSearch()
  const [id, setId] = useState('')
  const kind = /^(job|ds)_\w+$/.exec(id.trim())?.[1]
  const startFrom = (event: Event): void => {
    event.preventDefault()
    if (kind) navigate(`/new?${kind === 'job' ? 'job' : 'dataset'}=${id.trim()}`)
  }
  return (
    <form class="filters" onSubmit={startFrom}>
      <Field label="Start from an example">
        {(field) => (
          <select
            {...field}
            value={search.get('example') ?? ''}
            onChange={(event) => navigate(event.currentTarget.value === '' ? '/new' : `/new?example=${event.currentTarget.value}`)}
          >
            <option value="">{search.get('job') ?? search.get('dataset') ?? 'choose …'}</option>
            {examples.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="or from a job or a dataset" class="start-id" error={id.trim() !== '' && !kind ? 'An id, job_… or ds_…' : undefined}>
        {(field) => (
          <input
            {...field}
            class="mono"
            autocomplete="off"
            spellcheck={false}
            placeholder="job_… or ds_…"
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" class="button">
        Start from it
      </button>
    </form>
  )
}
