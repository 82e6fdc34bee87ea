/** A job as it trains: its loss, then what it learned beside what is true, and its last gradients. */
import { useMemo } from 'preact/hooks'
import type { Gradient } from '../../../api/types.ts'
import { Card } from '../../../components/card.tsx'
import { Chart } from '../../../components/chart.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Table } from '../../../components/table.tsx'
import { formatNumber, toPoint } from '../../../format.ts'
import { LearnedWeights } from '../../job/learned-weights.tsx'
import { isFinal } from '../../job/status.ts'
import type { AnswerOf } from '../answers.ts'
import { listOf } from './data-answer.tsx'
import { Facts } from './facts.tsx'

export const JobAnswer = ({ answer: { job, epochs, gradients } }: { answer: AnswerOf<'job'> }) => {
  const { truth, loss } = job.result ?? {}
  const x = useMemo(() => epochs.map(({ epoch }) => epoch), [epochs])
  const series = useMemo(
    () => [
      { label: 'training', values: epochs.map((epoch) => toPoint(epoch.loss)), color: 1 },
      { label: 'mini-batches', values: epochs.map(({ batchLoss }) => toPoint(batchLoss)), color: 8 },
    ],
    [epochs],
  )
  return (
    <>
      <Facts
        facts={[
          ['status', job.status],
          ['epoch', `${formatNumber(job.progress.epoch)} of ${formatNumber(job.progress.epochs)}`],
          ['loss', formatNumber(loss ?? job.progress.latestLoss, 6)],
        ]}
      >
        <a href={`/jobs/${job.id}`}>All of the job</a>
      </Facts>
      {job.error && (
        <Notice kind="warn">
          <b>{job.error.code}</b> {job.error.message}
        </Notice>
      )}
      {epochs.length > 1 && <Chart metric="loss" title={`Loss (${job.config.loss.type})`} x={x} series={series} log />}
      {isFinal(job.status) && truth?.weights && <LearnedWeights id={job.id} weights={truth.weights} bias={truth.bias} />}
      {gradients.length > 0 && <Gradients gradients={gradients} />}
    </>
  )
}

const Gradients = ({ gradients }: { gradients: Gradient[] }) => (
  <div data-chart="lastGradients">
    <Card title="Gradient of the last mini-batch" flush>
      <Table
        caption="Gradient of the last mini-batch"
        rows={gradients}
        keyOf={({ parameter }) => parameter}
        columns={[
          { key: 'parameter', head: 'Parameter', header: true, cell: ({ parameter }) => <code>{parameter}</code> },
          { key: 'values', head: 'Gradient', number: true, cell: ({ values = [] }) => listOf(values) },
          { key: 'norm', head: 'Norm', number: true, cell: ({ norm }) => formatNumber(norm) },
        ]}
      />
    </Card>
  </div>
)
