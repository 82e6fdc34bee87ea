/** The last step of descent in figures, and the loss of all of them. */
import { useMemo } from 'preact/hooks'
import { Card } from '../../../components/card.tsx'
import { Chart } from '../../../components/chart.tsx'
import { Table, type TableColumn } from '../../../components/table.tsx'
import { formatNumber, toPoint } from '../../../format.ts'
import type { AnswerOf, DescentStep } from '../answers.ts'

/** Rows and features that are shown. */
const maxRows = 20
const maxFeatures = 6

export const DescentAnswer = ({ answer: { steps, truth } }: { answer: AnswerOf<'descent'> }) => {
  const last = steps.at(-1)
  const x = useMemo(() => steps.map((_, at) => at + 1), [steps])
  const series = useMemo(() => [{ label: 'loss of the mini-batch', values: steps.map(({ loss }) => toPoint(loss)), color: 1 }], [steps])
  if (!last) return null
  return (
    <div class="stack" data-chart="descent">
      <Card title={`Step ${steps.length}: from the gradient to the new parameters`} flush>
        <Parameters step={last} truth={truth} />
      </Card>
      {steps.length > 1 && <Chart metric="descentLoss" title="Loss by step" x={x} xLabel="step" series={series} log />}
      <details>
        <summary>
          What was sent in step {steps.length}: POST {last.request.path}
        </summary>
        <pre class="config" tabIndex={0} role="group" aria-label="What was sent">
          {JSON.stringify(last.request.body, null, 1)}
        </pre>
      </details>
      <Card title={`Step ${steps.length}: predictions of its mini-batch`} flush>
        <Predictions step={last} />
        <p class="table-note muted">
          {last.labels.length > maxRows && `The first ${maxRows} of ${formatNumber(last.labels.length)} examples. `}
          The loss of this mini-batch is <b>{formatNumber(last.loss, 6)}</b>.
        </p>
      </Card>
    </div>
  )
}

type Parameter = { name: string; before: number; gradient: number; after: number; truth: number | undefined }

const Parameters = ({ step, truth }: { step: DescentStep; truth: AnswerOf<'descent'>['truth'] }) => {
  const { weights, bias, weightGradients, biasGradient, learningRate, next } = step
  const rows: Parameter[] = [
    ...weights.slice(0, maxFeatures).map((before, at) => ({
      name: `w${at + 1}`,
      before,
      gradient: weightGradients[at] ?? Number.NaN,
      after: next.weights[at] ?? Number.NaN,
      truth: truth?.weights[at],
    })),
    { name: 'b', before: bias, gradient: biasGradient, after: next.bias, truth: truth?.bias },
  ]
  return (
    <Table
      caption="The step: each parameter less the learning rate times its gradient"
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { key: 'name', head: 'Parameter', header: true, cell: ({ name }) => name },
        { key: 'before', head: 'Before', number: true, cell: ({ before }) => formatNumber(before, 5) },
        { key: 'gradient', head: 'Gradient', number: true, cell: ({ gradient }) => formatNumber(gradient, 5) },
        {
          key: 'step',
          head: 'Before − rate × gradient',
          number: true,
          class: 'nowrap',
          cell: ({ before, gradient }) =>
            `${formatNumber(before, 4)} − ${formatNumber(learningRate)} × ${gradient < 0 ? `(${formatNumber(gradient, 4)})` : formatNumber(gradient, 4)}`,
        },
        { key: 'after', head: 'After', number: true, cell: ({ after }) => <b>{formatNumber(after, 5)}</b> },
        { key: 'truth', head: 'True', number: true, cell: ({ truth: value }) => formatNumber(value) },
      ]}
    />
  )
}

type Example = { at: number; features: number[]; label: number; prediction: number; gradient: number }

const Predictions = ({ step: { features, labels, predictions, predictionGradients } }: { step: DescentStep }) => {
  const rows: Example[] = features.slice(0, maxRows).map((row, at) => ({
    at,
    features: row,
    label: labels[at] ?? Number.NaN,
    prediction: predictions[at] ?? Number.NaN,
    gradient: predictionGradients[at] ?? Number.NaN,
  }))
  const names = (features[0] ?? []).slice(0, maxFeatures).map((_, at) => `x${at + 1}`)
  return (
    <Table
      caption="Predictions of the mini-batch, before the step"
      rows={rows}
      keyOf={({ at }) => at}
      columns={[
        { key: 'at', head: 'Example', header: true, cell: ({ at }) => at + 1 },
        ...names.map(
          (name, at): TableColumn<Example> => ({ key: name, head: name, number: true, cell: (row) => formatNumber(row.features[at]) }),
        ),
        { key: 'label', head: 'y', number: true, cell: ({ label }) => formatNumber(label) },
        { key: 'prediction', head: 'ŷ = Xw + b', number: true, cell: ({ prediction }) => formatNumber(prediction) },
        { key: 'error', head: 'ŷ − y', number: true, cell: ({ prediction, label }) => formatNumber(prediction - label) },
        { key: 'gradient', head: '∂loss/∂ŷ', number: true, cell: ({ gradient }) => formatNumber(gradient) },
      ]}
    />
  )
}
