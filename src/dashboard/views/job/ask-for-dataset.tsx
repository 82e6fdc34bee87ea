/** Which dataset a job is to predict for, and what is to be told of each row. */
import { useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Dataset, Job, Page } from '../../api/types.ts'
import { Field } from '../../components/field.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'

type Body = { dataset: { id: string }; output?: string }
type Choice = Pick<Dataset, 'id' | 'name' | 'rows'>

const outputs = {
  '': 'names of classes, or as the model gives it',
  class: 'class',
  probability: 'probabilities',
  raw: 'as the model gives it',
}

export const AskForDataset = ({ job, onAsk }: { job: Job; onAsk: (body: Body) => Promise<void> }) => {
  const own = job.dataset.id
  const [id, setId] = useState(own)
  const [output, setOutput] = useState('')
  const [asking, setAsking] = useState(false)
  const { data, error, reload } = useQuery((signal) => get<Page<Choice>>('/datasets?limit=100&fields=id,name,rows', { signal }), [])
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault()
    setAsking(true)
    await onAsk({ dataset: { id }, ...(output && { output }) })
    setAsking(false)
  }
  return (
    <form class="filters writes" onSubmit={(event) => void ask(event)}>
      <Field label="Dataset">
        {(field) => (
          <select {...field} value={id} onChange={(event) => setId(event.currentTarget.value)}>
            <option value={own}>that of the job</option>
            {data?.data
              .filter((dataset) => dataset.id !== own)
              .map((dataset) => (
                <option key={dataset.id} value={dataset.id}>
                  {dataset.name ?? `…${dataset.id.slice(-8)}`}, {formatNumber(dataset.rows)} rows
                </option>
              ))}
          </select>
        )}
      </Field>
      <Field label="Output">
        {(field) => (
          <select {...field} value={output} onChange={(event) => setOutput(event.currentTarget.value)}>
            {Object.entries(outputs).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <button type="submit" class="button primary" disabled={asking}>
        Predict all rows
      </button>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
    </form>
  )
}
