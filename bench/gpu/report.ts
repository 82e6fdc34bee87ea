/** What the GPU did, as a table and a verdict that a person can read. */
import { markdown, seconds } from '../tables.ts'
import { agree, type Distances } from './compare-numbers.ts'

/** One case on both devices. */
export type Outcome = {
  name: string
  /** The device under test against the other, or what went wrong with it. */
  apart: Distances | { failed: string }
  /** Each against PyTorch's numbers, if the case has them. */
  fromReference: { tested: Distances; beside: Distances } | null
  repeats: boolean
  /** Medians without the first round; null for a case that is not timed. */
  times: { tested: number; beside: number; tf32: number | null; pytorch: { tested: number | null; beside: number } | null } | null
}

/** Whether everything that a case says about numbers is as it should be. */
export const isRight = ({ apart, fromReference, repeats }: Outcome): boolean =>
  !('failed' in apart) &&
  agree(apart, fromReference ? 'short' : 'long') &&
  repeats &&
  (!fromReference || agree(fromReference.tested, 'short'))

const scientific = (value: number): string => (Number.isNaN(value) ? 'missing' : value.toExponential(1))

const distancesText = ({ loss, gradient, weight }: Distances): string => [loss, gradient, weight].map(scientific).join(' / ')

/** Numbers: loss / gradient / weight, as shares of the largest value of each tensor. */
export const numbersTable = (outcomes: readonly Outcome[], { tested, beside }: { tested: string; beside: string }): string =>
  markdown(
    ['job', `${tested} against ${beside}`, `${tested} against PyTorch`, `${beside} against PyTorch`, 'same bits again', 'verdict'],
    outcomes.map((outcome) => {
      const { name, apart, fromReference, repeats } = outcome
      if ('failed' in apart) return [name, '-', '-', '-', '-', `FAILED: ${apart.failed}`]
      const reference = fromReference ? [fromReference.tested, fromReference.beside].map(distancesText) : ['-', '-']
      return [name, distancesText(apart), ...reference, repeats ? 'yes' : 'NO', isRight(outcome) ? 'right' : 'WRONG']
    }),
  )

/** Times of the cases that are timed. */
export const timesTable = (outcomes: readonly Outcome[], { tested, beside }: { tested: string; beside: string }): string =>
  markdown(
    ['job', tested, 'GPU with TF32', beside, `${beside} / ${tested}`, 'PyTorch on the GPU', 'PyTorch on the CPU'],
    outcomes.flatMap(({ name, times }) => {
      if (!times) return []
      const ratio = (times.beside / times.tested).toFixed(2)
      const pytorch = [times.pytorch?.tested, times.pytorch?.beside].map((value) => seconds(value ?? undefined))
      return [[name, seconds(times.tested), seconds(times.tf32 ?? undefined), seconds(times.beside), ratio, ...pytorch]]
    }),
  )

/** One paragraph: are the numbers right, and what is the device worth. */
export const verdict = (outcomes: readonly Outcome[], { tested, beside }: { tested: string; beside: string }): string => {
  const wrong = outcomes.filter((outcome) => !isRight(outcome)).map(({ name }) => name)
  const timed = outcomes.flatMap(({ name, times }) => (times ? [{ name, ratio: times.beside / times.tested }] : []))
  const faster = timed.filter(({ ratio }) => ratio > 1).map(({ name, ratio }) => `${name} (${ratio.toFixed(1)} times)`)
  const slower = timed.filter(({ ratio }) => !(ratio > 1)).map(({ name }) => name)
  const worth = [
    faster.length > 0 ? `${tested} is faster for ${faster.join(', ')}.` : '',
    slower.length > 0
      ? `${beside} is faster for ${slower.join(', ')}${beside === 'CPU' ? ': jobs of that size want "device": "cpu"' : ''}.`
      : '',
  ]
  return wrong.length > 0
    ? `WRONG: ${wrong.length} of ${outcomes.length} jobs do not have the numbers that they should have on ${tested}: ${wrong.join(', ')}.`
    : [`RIGHT: all ${outcomes.length} jobs have the same numbers on ${tested} and ${beside}.`, ...worth].filter(Boolean).join(' ')
}
