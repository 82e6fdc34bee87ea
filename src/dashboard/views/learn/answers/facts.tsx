/** What is to be known in short, and links beside it. */
import type { ComponentChildren } from 'preact'
import { Card } from '../../../components/card.tsx'

export const Facts = ({
  facts,
  children,
  title = 'Answer',
}: {
  facts: [string, string][]
  children?: ComponentChildren
  title?: string
}) => (
  <Card title={title} actions={children}>
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  </Card>
)
