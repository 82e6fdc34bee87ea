/** The rows of a dataset: each feature with the label. */
import type { JsonNumber } from '../../../api/types.ts'
import { Card } from '../../../components/card.tsx'
import { Scatter, type ScatterPoint } from '../../../components/scatter.tsx'
import { Table } from '../../../components/table.tsx'
import { formatNumber } from '../../../format.ts'
import type { AnswerOf } from '../answers.ts'
import { Facts } from './facts.tsx'

/** Features that are drawn, and rows and columns of a table. */
const maxFeatures = 4
const maxRows = 50
const maxColumns = 12

export const DataAnswer = ({ answer: { dataset, batch } }: { answer: AnswerOf<'data'> }) => {
  const { truth } = dataset
  const facts: [string, string][] = [
    ['rows', formatNumber(dataset.rows)],
    ...(truth?.weights ? [['true w', listOf(truth.weights)] satisfies [string, string]] : []),
    ...(truth?.bias === undefined ? [] : [['true b', formatNumber(truth.bias)] satisfies [string, string]]),
  ]
  return (
    <>
      <Facts facts={facts}>
        <a href={`/datasets/${dataset.id}`}>All of the dataset</a>
      </Facts>
      <div class="grid-pairs" data-chart="data">
        {(batch.labelNames.length > 0 ? batch.featureNames : []).slice(0, maxFeatures).map((name, at) => (
          <Card key={name} title={`${batch.labelNames[0]} over ${name}`}>
            <Scatter points={pointsOf(batch, at)} xLabel={name} yLabel={batch.labelNames[0] ?? ''} />
          </Card>
        ))}
      </div>
    </>
  )
}

export const BatchAnswer = ({ answer: { batch } }: { answer: AnswerOf<'batch'> }) => {
  const names = [...batch.featureNames, ...batch.labelNames].slice(0, maxColumns)
  const rows = batch.features.slice(0, maxRows).map((features, at) => ({ at, values: [...features, ...(batch.labels[at] ?? [])] }))
  return (
    <div data-chart="batch">
      <Card title={`A mini-batch of ${batch.features.length}`} flush>
        <Table
          caption="The mini-batch"
          rows={rows}
          keyOf={({ at }) => at}
          columns={[
            { key: 'row', head: 'Example', header: true, cell: ({ at }) => at + 1 },
            ...names.map((name, column) => ({
              key: name,
              head: name,
              number: true,
              cell: ({ values }: (typeof rows)[number]) => formatNumber(values[column]),
            })),
          ]}
        />
      </Card>
    </div>
  )
}

/** A feature and the first label of each row that has both. */
export const pointsOf = ({ features, labels }: AnswerOf<'data'>['batch'], feature: number): ScatterPoint[] =>
  features.flatMap((row, at): ScatterPoint[] => {
    const [x, y] = [row[feature], labels[at]?.[0]]
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y, color: 1 }] : []
  })

/** The first of a list. */
export const listOf = (values: JsonNumber[]): string =>
  `${values
    .slice(0, 8)
    .map((value) => formatNumber(value))
    .join(', ')}${values.length > 8 ? ', …' : ''}`
