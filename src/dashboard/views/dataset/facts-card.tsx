/** What a dataset is as a whole, and what was noticed when it was read. */
import type { ComponentChildren } from 'preact'
import type { Dataset } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ColumnNotes } from '../../components/column-notes.tsx'
import { formatAgo, formatNumber } from '../../format.ts'

export const FactsCard = ({ dataset }: { dataset: Dataset }) => {
  const { notes, badRows, metadata } = dataset
  return (
    <Card title="Dataset">
      <dl class="facts">
        {factsOf(dataset).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {Object.entries(metadata).map(([name, value]) => (
          <div key={`metadata ${name}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <div class="dataset-notes">
          <h3>Notes</h3>
          <ColumnNotes notes={notes} />
        </div>
      )}
      {badRows && badRows.count > 0 && (
        <div class="dataset-notes">
          <h3>{formatNumber(badRows.count)} rows were left out</h3>
          <ul>
            {badRows.rows.map(({ line, message }) => (
              <li key={line}>
                Line {line}: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  )
}

const factsOf = ({
  rows,
  columnCount,
  kind,
  format,
  synthetic,
  csv,
  inputShape,
  createdAt,
  expiresAt,
  contentHash,
}: Dataset): [string, ComponentChildren][] => [
  ['Rows', formatNumber(rows)],
  ['Columns', formatNumber(columnCount)],
  ['From', kind === 'synthetic' ? `generator ${synthetic?.kind ?? ''}` : (format ?? 'upload')],
  ...(csv ? [['Cells separated by', <code key="delimiter">{JSON.stringify(csv.delimiter)}</code>] as [string, ComponentChildren]] : []),
  ...(csv?.decimal ? [['Decimal mark', csv.decimal] as [string, ComponentChildren]] : []),
  ...(csv?.charset ? [['Encoding', csv.charset] as [string, ComponentChildren]] : []),
  ...(inputShape ? [['Shape of an example', inputShape.join(' × ')] as [string, ComponentChildren]] : []),
  [
    'Created',
    <time key="created" dateTime={createdAt} title={createdAt}>
      {formatAgo(createdAt)}
    </time>,
  ],
  ...(expiresAt ? [['Goes at', expiresAt] as [string, ComponentChildren]] : []),
  ['Content hash', <code key="hash">{contentHash.slice(0, 12)}</code>],
]
