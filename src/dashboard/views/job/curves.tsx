/** Everything that has a value each epoch, as curves. */
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Epoch, Job } from '../../api/types.ts'
import { Chart } from '../../components/chart.tsx'
import type { ChartSeries } from '../../components/plot.ts'
import { toPoint } from '../../format.ts'

type One = { metric: string; also?: string; title: string; log?: boolean; series: ChartSeries[] }

type Props = { epochs: Epoch[]; config: Job['config'] /** A curve that is made of something else. */; children: ComponentChildren }

export const Curves = ({ epochs, config, children }: Props) => {
  const x = useMemo(() => epochs.map(({ epoch }) => epoch), [epochs])
  const charts = useMemo(() => chartsOf(epochs, config), [epochs])
  if (epochs.length === 0)
    return (
      <section class="card empty" aria-label="Curves">
        The curves begin with the first epoch.
      </section>
    )
  const [loss, ...others] = charts
  return (
    <>
      {loss && <Chart {...loss} x={x} height={280} />}
      <div class="grid-2">
        {others.map((chart) => (
          <Chart key={chart.metric} {...chart} x={x} />
        ))}
        {children}
      </div>
    </>
  )
}

const chartsOf = (epochs: Epoch[], config: Job['config']): One[] => {
  const of = (read: (epoch: Epoch) => Parameters<typeof toPoint>[0]) => epochs.map((epoch) => toPoint(read(epoch)))
  const validation = of(({ validationLoss }) => validationLoss)
  const held = validation.some((value) => value !== null)
  const metrics = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch.metrics)))].sort()
  const charts: One[] = [
    {
      metric: 'loss',
      also: held ? 'validationLoss' : undefined,
      title: `Loss (${config.loss.type})`,
      log: true,
      series: [
        { label: 'training', values: of(({ loss }) => loss), color: 1 },
        ...(held ? [{ label: 'validation', values: validation, color: 2 }] : []),
        { label: 'mini-batches', values: of(({ batchLoss }) => batchLoss), color: 8 },
      ],
    },
    ...metrics
      .filter((name) => !isValidation(name, metrics))
      .map((name) => ({
        metric: name,
        also: metrics.find((one) => one === validationName(name)),
        title: name,
        series: [name, validationName(name)]
          .filter((one) => metrics.includes(one))
          .map((one) => ({
            label: one === name ? 'training' : 'validation',
            values: of((epoch) => epoch.metrics[one]),
            color: one === name ? 1 : 2,
          })),
      })),
    {
      metric: 'learningRate',
      title: 'Learning rate',
      series: [{ label: 'learning rate', values: of((epoch) => epoch.learningRate), color: 4 }],
    },
    {
      metric: 'gradientNorm',
      title: 'Gradient norm',
      log: true,
      series: [{ label: 'norm', values: of((epoch) => epoch.gradientNorm), color: 5 }],
    },
    { metric: 'seconds', title: 'Seconds of each epoch', series: [{ label: 'seconds', values: of((epoch) => epoch.seconds), color: 7 }] },
  ]
  return charts
}

/** How a metric is called that is measured on the rows held back. */
const validationName = (name: string): string => `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`

const isValidation = (name: string, metrics: string[]): boolean => metrics.some((other) => validationName(other) === name)
