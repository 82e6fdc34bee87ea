/** How outputs trained by a loss become decisions, so that they can be counted right or wrong. */

import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'

/** The largest of a row's outputs, rows of the class `ignored` left out, or each output against a threshold. */
export type Decision = { by: 'largest'; ignored?: number } | { by: 'threshold'; above: number }

/** What of a loss's config says how outputs become decisions. */
export type DecidingLoss = { type: LossType; ignoreIndex?: number }

/** The rule that fits what a loss trains; none for losses of numbers, of lists or of two inputs. */
export const decisionOf = ({ type, ignoreIndex }: DecidingLoss): Decision | undefined => {
  const loss: Loss = lossCatalog[type]
  if (loss.target === 'class') return { by: 'largest', ignored: ignoreIndex }
  return loss.threshold === undefined ? undefined : { by: 'threshold', above: loss.threshold }
}
