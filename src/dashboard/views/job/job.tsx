/** One job: what it does now, its curves, and what it left behind. */
import type { ViewProps } from '../../view.ts'

export const title = ({ id = '' }: Record<string, string>): string => id

export const View = ({ params: { id = '' } }: ViewProps) => (
  <div class="heading">
    <h1 class="mono">{id}</h1>
  </div>
)
