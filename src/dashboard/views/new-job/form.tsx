/** The form: a card for each part of a config, made of what the catalog and the contract know of it. */
import { Card } from '../../components/card.tsx'
import { partOptions } from './contract.ts'
import { DataCard } from './data-card.tsx'
import type { Json } from './draft.ts'
import { useField, useForm } from './form-context.ts'
import { LayersCard } from './layers-card.tsx'
import { OptionFields, TypedField } from './option-fields.tsx'

const chosen = 'chosen by the service'

export const Form = () => (
  <>
    <DataCard />
    <LayersCard />
    <Card title="Loss and optimizer">
      <div class="form-stack">
        <TypedField label="loss" path={['loss']} list="losses" absent={chosen} />
        <TypedField label="optimizer" path={['optimizer']} list="optimizers" absent={chosen} />
        <TypedField label="schedule" path={['schedule']} list="schedules" absent="none: the same rate in every epoch" />
        <TypedField label="solver" path={['solver']} list="solvers" absent="none: train step by step" />
      </div>
    </Card>
    <PartCard part="training" title="Training" />
    <MetricsCard />
    <Card title="More">
      <div class="form-stack">
        {parts.map(([part, title]) => (
          <MorePart key={part} part={part} title={title} />
        ))}
      </div>
    </Card>
    <Card title="The job itself">
      <OptionFields path={[]} options={partOptions('')} />
    </Card>
  </>
)

const parts: [string, string][] = [
  ['preprocessing', 'Preprocessing'],
  ['earlyStopping', 'Early stopping'],
  ['gradientClipping', 'Gradient clipping'],
  ['regularization', 'Regularization'],
  ['warmStart', 'Warm start'],
  ['record', 'What is recorded'],
]

const PartCard = ({ part, title }: { part: string; title: string }) => {
  const { error } = useField([part])
  return (
    <Card title={title}>
      {error && <p class="group-error">{error}</p>}
      <OptionFields path={[part]} options={partOptions(part)} />
    </Card>
  )
}

/** A part that most jobs do without; open if this one has it. */
const MorePart = ({ part, title }: { part: string; title: string }) => {
  const { value, error, set } = useField([part])
  const given = value !== undefined
  return (
    <details open={given}>
      <summary>
        {title}
        {given ? '' : ': not given'}
      </summary>
      {error && <p class="group-error">{error}</p>}
      <OptionFields path={[part]} options={partOptions(part)} />
      {given && (
        <button type="button" class="button small" onClick={() => set(undefined)}>
          Leave out {title.toLowerCase()}
        </button>
      )}
    </details>
  )
}

const MetricsCard = () => {
  const { catalog } = useForm()
  const { value, set, error } = useField(['metrics'], true)
  const measured: Json[] = Array.isArray(value) ? value : []
  const toggle = (type: string): void => {
    const next = measured.includes(type) ? measured.filter((other) => other !== type) : [...measured, type]
    set(next.length > 0 ? next : undefined)
  }
  return (
    <Card title="Metrics">
      {error && <p class="group-error">{error}</p>}
      <div class="boxes">
        {catalog.metrics.map(({ type, summary, of }) => (
          <label key={type} title={summary}>
            <input type="checkbox" checked={measured.includes(type)} onChange={() => toggle(type)} /> {type}{' '}
            <span class="muted">of {of}</span>
          </label>
        ))}
      </div>
    </Card>
  )
}
