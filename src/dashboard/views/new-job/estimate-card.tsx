/** What the config comes to, or what is wrong with it. */
import type { JobEstimate } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { formatBytes, formatNumber } from '../../format.ts'
import type { Estimate } from './use-estimate.ts'

type Props = Estimate & { onFill: (config: JobEstimate['config']) => void }

export const EstimateCard = ({ estimate, error, checking, onFill }: Props) => {
  const auto = estimate?.config.auto ?? []
  return (
    <Card title="Check" actions={checking && <span class="muted">checking …</span>}>
      <div class="form-stack" aria-live="polite" aria-busy={checking}>
        {error !== undefined && <ErrorNotice error={error} />}
        {estimate && (
          <dl class="facts">
            {factsOf(estimate).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {estimate && auto.length > 0 && (
          <>
            <p class="muted">Chosen by the service: {auto.map((path) => path.slice(1).replaceAll('/', '.')).join(', ')}.</p>
            <div class="actions">
              <button type="button" class="button small" onClick={() => onFill(estimate.config)}>
                Write what was chosen into the config
              </button>
            </div>
          </>
        )}
      </div>
    </Card>
  )
}

const factsOf = (estimate: JobEstimate): [string, string][] => [
  ['Parameters', formatNumber(estimate.parameterCount)],
  ['Steps per epoch', formatNumber(estimate.stepsPerEpoch)],
  ['Training rows', formatNumber(estimate.trainingRows)],
  ['Rows held back', formatNumber(estimate.validationRows)],
  ['Rows left out', formatNumber(estimate.droppedRows)],
  ['Memory', formatBytes(estimate.memoryBytes)],
]
