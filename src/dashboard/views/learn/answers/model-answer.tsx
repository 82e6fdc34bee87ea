/** What a model predicts, and what a config comes to. */
import { Card } from '../../../components/card.tsx'
import { Table, type TableColumn } from '../../../components/table.tsx'
import { formatNumber } from '../../../format.ts'
import type { AnswerOf } from '../answers.ts'
import { predict } from '../runs/linear-model.ts'
import { Facts } from './facts.tsx'

/** Rows and features that are shown. */
const maxRows = 50
const maxFeatures = 8

export const PredictionsAnswer = ({ answer: { rows, predictions, weights } }: { answer: AnswerOf<'predictions'> }) => {
  const [w = [], [b = 0] = []] = weights?.parameters.map(({ values }) => values.map(Number)) ?? []
  const width = rows[0]?.length ?? 0
  // By hand it is only to be had of one unit.
  const byHand = w.length === width ? predict(rows, w, b) : undefined
  const shown = rows.slice(0, maxRows).map((row, at) => ({ row, at, prediction: predictions[at], hand: byHand?.[at] }))
  type Shown = (typeof shown)[number]
  return (
    <div data-chart="predictions">
      <Card title="Predictions" flush>
        <Table
          caption="Predictions"
          rows={shown}
          keyOf={({ at }) => at}
          columns={[
            { key: 'at', head: 'Row', header: true, cell: ({ at }) => at + 1 },
            ...Array.from(
              { length: Math.min(width, maxFeatures) },
              (_, at): TableColumn<Shown> => ({
                key: `x${at + 1}`,
                head: `x${at + 1}`,
                number: true,
                cell: ({ row }) => formatNumber(row[at]),
              }),
            ),
            { key: 'prediction', head: 'Prediction', number: true, cell: ({ prediction }) => formatNumber(prediction, 6) },
            ...(byHand
              ? [
                  {
                    key: 'hand',
                    head: 'xw + b by hand',
                    number: true,
                    cell: ({ hand }: Shown) => formatNumber(hand, 6),
                  } satisfies TableColumn<Shown>,
                ]
              : []),
          ]}
        />
      </Card>
    </div>
  )
}

export const CheckAnswer = ({ answer: { estimate } }: { answer: AnswerOf<'check'> }) => (
  <div data-chart="check">
    <Facts
      facts={[
        ['parameters', formatNumber(estimate.parameterCount)],
        ['steps per epoch', formatNumber(estimate.stepsPerEpoch)],
        ['training rows', formatNumber(estimate.trainingRows)],
        ...estimate.parameters.slice(0, 20).map(({ name, shape }): [string, string] => [name, `[${shape.join(', ')}]`]),
      ]}
    />
  </div>
)
