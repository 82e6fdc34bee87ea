/** The config of a job as JSON; what was left out and filled in with a default is paler. */
import type { ComponentChildren } from 'preact'
import { fieldOf, type PartName } from '../../api/defaults.ts'
import type { Job } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { toJson } from '../../json-text.ts'

/** Values of a list that are shown. */
const maxItems = 60

export const ConfigCard = ({ config }: { config: Job['config'] }) => (
  <Card title="Config" actions={<CopyButton text={() => toJson(config, 2)} label="Copy the config" />}>
    <p class="muted small-text">Pale: the default, whether it was sent or not.</p>
    <pre class="config" tabIndex={0} role="group" aria-label="Config">
      <Value value={config} part="JobConfig" indent="" />
    </pre>
  </Card>
)

const Value = ({ value, part, indent }: { value: unknown; part: PartName; indent: string }): ComponentChildren => {
  if (Array.isArray(value)) return <List items={value} part={part} indent={indent} />
  if (typeof value !== 'object' || value === null) return toJson(value)
  const object = value as Record<string, unknown>
  const entries = Object.entries(object)
  if (entries.length === 0) return '{}'
  const inner = `${indent}  `
  return (
    <>
      {'{\n'}
      {entries.map(([name, below], at) => {
        const field = fieldOf(part, object, name)
        return (
          <span key={name} class={field.isDefault ? 'default' : ''}>
            {inner}
            <span class="key">{toJson(name)}</span>
            {': '}
            <Value value={below} part={field.part} indent={inner} />
            {at < entries.length - 1 ? ',\n' : '\n'}
          </span>
        )
      })}
      {indent}
      {'}'}
    </>
  )
}

const List = ({ items, part, indent }: { items: unknown[]; part: PartName; indent: string }) => {
  const shown = items.slice(0, maxItems)
  const rest = items.length > maxItems ? `, … ${items.length - maxItems} more` : ''
  if (!shown.some((item) => typeof item === 'object' && item !== null))
    return <>{`[${shown.map((item) => toJson(item)).join(', ')}${rest}]`}</>
  const inner = `${indent}  `
  return (
    <>
      {'[\n'}
      {shown.map((item, at) => (
        <span key={at}>
          {inner}
          <Value value={item} part={part} indent={inner} />
          {at < shown.length - 1 ? ',\n' : `${rest}\n`}
        </span>
      ))}
      {indent}]
    </>
  )
}
