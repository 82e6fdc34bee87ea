/** Which classes were taken for which: darker where there are more rows. */
import type { Job } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'

type Matrix = NonNullable<NonNullable<Job['result']>['confusionMatrix']>

export const ConfusionMatrix = ({ matrix: { classes, counts, over } }: { matrix: Matrix }) => {
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0))
  const right = counts.reduce((sum, row, at) => sum + (row[at] ?? 0), 0)
  const all = totals.reduce((sum, total) => sum + total, 0)
  return (
    <div data-chart="confusionMatrix">
      <Card title={`Confusion matrix over the ${over} rows: ${right} of ${all} right`} flush>
        <div class="table-scroll" role="group" aria-label="Confusion matrix" tabIndex={0}>
          <table class="matrix">
            <thead>
              <tr>
                <th scope="col">is ↓ taken for →</th>
                {classes.map((name) => (
                  <th key={String(name)} scope="col" class="number">
                    {String(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {counts.map((row, at) => (
                <tr key={String(classes[at])}>
                  <th scope="row">{String(classes[at])}</th>
                  {row.map((count, to) => (
                    <td
                      key={String(classes[to])}
                      class="number"
                      style={{
                        background: `color-mix(in srgb, var(--series-${at === to ? 3 : 2}) ${shade(count, totals[at] ?? 0)}%, transparent)`,
                      }}
                    >
                      {count}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </div>
  )
}

/** Percent of color: light enough for the figure to be read on it. */
const shade = (count: number, total: number): number => Math.round((total === 0 ? 0 : count / total) * 32)
