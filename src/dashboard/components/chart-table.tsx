/** The same as a chart, in figures: for those who do not see it, and to copy. */
import { useState } from 'preact/hooks'
import { formatNumber } from '../format.ts'
import type { ChartSeries } from './plot.ts'

/** Rows of the table; of more points some are left out. */
const maxRows = 50

export const ChartTable = ({ title, x, xLabel, series }: { title: string; x: number[]; xLabel: string; series: ChartSeries[] }) => {
  const [open, setOpen] = useState(false)
  const step = Math.max(1, Math.ceil(x.length / maxRows))
  const rows = open ? x.map((_, at) => at).filter((at) => at % step === 0 || at === x.length - 1) : []
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Table<span class="visually-hidden"> of {title}</span>
      </summary>
      {open && (
        <div class="table-scroll" role="group" aria-label={`${title} as a table`} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{xLabel}</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" class="number">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((at) => (
                <tr key={at}>
                  <th scope="row">{formatNumber(x[at])}</th>
                  {series.map(({ label, values }) => (
                    <td key={label} class="number">
                      {formatNumber(values[at], 6)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
