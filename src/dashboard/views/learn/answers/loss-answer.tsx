/** Losses and initializers, without training. */
import { useMemo } from 'preact/hooks'
import { Bars } from '../../../components/bars.tsx'
import { Card } from '../../../components/card.tsx'
import { Chart } from '../../../components/chart.tsx'
import { Table } from '../../../components/table.tsx'
import { formatNumber, toPoint } from '../../../format.ts'
import type { AnswerOf } from '../answers.ts'
import { Facts } from './facts.tsx'

/** Rows of the table. */
const maxRows = 50

export const LossAnswer = ({ answer: { predictions, labels, value, gradients } }: { answer: AnswerOf<'loss'> }) => {
  const values = Array.isArray(value) ? value : undefined
  const rows = predictions
    .slice(0, maxRows)
    .map((prediction, at) => ({ at, prediction, label: labels[at], gradient: gradients[at], value: values?.[at] }))
  return (
    <div class="stack" data-chart="lossValue">
      {!Array.isArray(value) && <Facts facts={[['loss', formatNumber(value, 8)]]} />}
      <Card title="Value by value" flush>
        <Table
          caption="Predictions, labels and gradients"
          rows={rows}
          keyOf={({ at }) => at}
          columns={[
            { key: 'prediction', head: 'Prediction', number: true, header: true, cell: ({ prediction }) => formatNumber(prediction) },
            { key: 'label', head: 'Label', number: true, cell: ({ label }) => formatNumber(label) },
            {
              key: 'error',
              head: 'Difference',
              number: true,
              cell: ({ prediction, label }) => formatNumber(Number(prediction) - Number(label)),
            },
            ...(values ? [{ key: 'loss', head: 'Loss', number: true, cell: (row: (typeof rows)[number]) => formatNumber(row.value) }] : []),
            { key: 'gradient', head: '∂loss/∂ŷ', number: true, cell: ({ gradient }) => formatNumber(gradient) },
          ]}
        />
      </Card>
    </div>
  )
}

export const LossCurvesAnswer = ({ answer: { differences, losses } }: { answer: AnswerOf<'lossCurves'> }) => {
  const [values, gradients] = useMemo(
    () =>
      (['values', 'gradients'] as const).map((which) =>
        losses.map((loss, at) => ({ label: loss.type, values: loss[which].map(toPoint), color: (at % 8) + 1 })),
      ),
    [losses],
  )
  return (
    <>
      <Chart metric="lossValues" title="Loss by difference" xLabel="ŷ − y" x={differences} series={values ?? []} height={260} />
      <Chart metric="lossGradients" title="Gradient by difference" xLabel="ŷ − y" x={differences} series={gradients ?? []} />
    </>
  )
}

/** Bars of the histogram. */
const maxBars = 40

export const SampleAnswer = ({ answer: { values, mean, std, min, max } }: { answer: AnswerOf<'sample'> }) => (
  <div class="stack" data-chart="sample">
    <Facts
      facts={[
        ['values', formatNumber(values.length)],
        ['mean', formatNumber(mean)],
        ['standard deviation', formatNumber(std)],
        ['least', formatNumber(min)],
        ['greatest', formatNumber(max)],
      ]}
    />
    <Card title="How the values are spread">
      <div class="wide-bars">
        <Bars
          width={440}
          height={140}
          bars={histogramOf(values, Number(min), Number(max))}
          label={`Histogram of ${values.length} values from ${formatNumber(min)} to ${formatNumber(max)}`}
        />
        <p class="bar-ends muted">
          <span>{formatNumber(min)}</span>
          <span>{formatNumber(max)}</span>
        </p>
      </div>
    </Card>
  </div>
)

const histogramOf = (values: number[], min: number, max: number): { value: number; name: string }[] => {
  const count = max > min ? maxBars : 1
  const width = (max - min) / count
  const counts = new Array<number>(count).fill(0)
  for (const value of values) {
    const at = width > 0 ? Math.min(count - 1, Math.floor((value - min) / width)) : 0
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts.map((value, at) => ({ value, name: `from ${formatNumber(min + at * width)}` }))
}
