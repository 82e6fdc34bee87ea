/** What a chapter is made of: text and requests, as data. */
import type { Config, Path } from '../../new-job/draft.ts'

/** What a step asks of the service. */
export type StepKind = 'data' | 'batch' | 'descent' | 'job' | 'sweep' | 'loss' | 'lossCurves' | 'sample' | 'predictions' | 'check'

export type Chapter = {
  /** Its part of the address, and what `metadata.learn` of its jobs says. */
  id: string
  title: string
  summary: string
  /** Paragraphs; what stands between backticks is code. */
  intro: string[]
  steps: Step[]
}

export type Step = {
  id: string
  title: string
  text: string[]
  /** What to look for in the answer; stands below it. */
  notice?: string[]
  /** What is asked of the service, and how the answer is drawn. */
  kind: StepKind
  /** The request, or what the page makes its requests of; `"$DATASET"` is the dataset of the step before that made one. */
  body: Config
  /** Parts of the body with a field of their own. */
  fields?: StepField[]
  /** Values for `{type}` in the path of the request; the first is taken unless the reader chooses another. */
  types?: string[]
  /** The kind of an earlier step whose answer this one builds on; it is run first if need be. */
  needs?: StepKind
  /** What is to be learned, if the service cannot know it. */
  truth?: { weights: number[]; bias: number }
}

export type StepField = { label: string; path: Path; hint?: string /** Takes the whole width. */; wide?: boolean }

/** Text in paragraphs, which the sources wrap: what a paragraph is ends with an empty line. */
export const paragraphs = (text: string): string[] =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' '))
