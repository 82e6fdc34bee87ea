/** The weights that a job learned beside those that its synthetic data was made with. */
import { get } from '../../api/client.ts'
import type { JsonNumber, Weights } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { Table } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'

type Row = { name: string; truth: number; learned: JsonNumber | undefined }

export const LearnedWeights = ({ id, weights, bias }: { id: string; weights: number[]; bias: number | undefined }) => {
  const { data, error, reload } = useQuery((signal) => get<Weights>(`/jobs/${id}/weights`, { signal }), [id])
  // Only a single layer of one unit has weights that can be compared one by one.
  const comparable = data?.parameters[0]?.values.length === weights.length && data.parameters.length <= 2
  if (data && !comparable) return null
  const rows = rowsOf(weights, bias, data)
  const largest =
    Math.max(...rows.flatMap(({ truth, learned }) => [Math.abs(truth), typeof learned === 'number' ? Math.abs(learned) : 0])) || 1
  return (
    <div data-chart="weights">
      <Card title="Learned weights and true ones" flush>
        {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
        <Table
          caption="Learned weights and true ones"
          rows={rows}
          keyOf={({ name }) => name}
          columns={[
            { key: 'name', head: 'Weight', header: true, cell: ({ name }) => name },
            { key: 'bars', head: 'true and learned', cell: (row) => <Bars {...row} largest={largest} /> },
            { key: 'truth', head: 'True', number: true, cell: ({ truth }) => formatNumber(truth) },
            { key: 'learned', head: 'Learned', number: true, cell: ({ learned }) => formatNumber(learned, 6) },
            {
              key: 'error',
              head: 'True − learned',
              number: true,
              cell: ({ truth, learned }) => (typeof learned === 'number' ? formatNumber(truth - learned, 3) : '–'),
            },
          ]}
        />
      </Card>
    </div>
  )
}

/** Weights beyond which the table ends. */
const maxWeights = 50

const rowsOf = (weights: number[], bias: number | undefined, learned: Weights | undefined): Row[] => {
  const rows: Row[] = weights
    .slice(0, maxWeights)
    .map((truth, at) => ({ name: `weight ${at + 1}`, truth, learned: learned?.parameters[0]?.values[at] }))
  return bias === undefined ? rows : [...rows, { name: 'bias', truth: bias, learned: learned?.parameters[1]?.values[0] }]
}

/** Both as bars from a common middle. */
const Bars = ({ truth, learned, largest }: Row & { largest: number }) => {
  const bar = (value: number, top: number, color: number) => {
    const width = (Math.abs(value) / largest) * 58
    return <rect x={value < 0 ? 60 - width : 60} y={top} width={Math.max(width, 1)} height="6" rx="1" fill={`var(--series-${color})`} />
  }
  return (
    <svg width="120" height="18" aria-hidden="true">
      <title>true and learned</title>
      <line x1="60" x2="60" y1="0" y2="18" stroke="var(--line-strong)" />
      {bar(truth, 2, 8)}
      {typeof learned === 'number' && bar(learned, 10, 1)}
    </svg>
  )
}
