/** The state of a chapter: what the reader made of each step, and what came of running it. */
import { isAbort } from '../../api/problem.ts'
import { createStore } from '../../store.ts'
import { readConfig, writeConfig } from '../new-job/draft.ts'
import type { Answer, AnswerOf } from './answers.ts'
import type { Step, StepKind } from './chapters/chapter.ts'
import { runs } from './runs/all-runs.ts'
import { withDataset } from './with-dataset.ts'

export type StepState = {
  /** JSON of the body. */
  text: string
  /** The chosen `{type}`. */
  type: string
  running: boolean
  /** The reader has stopped it: the answer, if there is one, is not whole. */
  stopped?: boolean
  answer?: Answer
  error?: unknown
}

export type ChapterState = Record<string, StepState>

/** Runs of the steps of one chapter; `leave` ends those that go on. */
export const createChapterRuns = (steps: Step[]) => {
  const store = createStore<ChapterState>(Object.fromEntries(steps.map((step) => [step.id, initialState(step)])))
  const open = new Map<string, { control: AbortController; end: Promise<void> }>()

  const stateOf = ({ id }: Step): StepState => store.get()[id] ?? { text: '{}', type: '', running: false }
  const change = (step: Step, changes: Partial<StepState>): void =>
    store.set({ ...store.get(), [step.id]: { ...stateOf(step), ...changes } })

  /** The nearest step before that has an answer of this kind to give. */
  const findStep = (step: Step, kind: StepKind): Step | undefined =>
    steps.slice(0, steps.indexOf(step)).findLast((earlier) => earlier.kind === kind)

  /** Runs a step, and first the one that it needs; `more` goes on by so many steps from the answer that is there. */
  const run = (step: Step, more = 0): Promise<void> => {
    const going = open.get(step.id)
    if (going) return going.end
    const control = new AbortController()
    const end = runStep(step, more, control.signal).finally(() => open.delete(step.id))
    open.set(step.id, { control, end })
    return end
  }

  const runStep = async (step: Step, more: number, signal: AbortSignal): Promise<void> => {
    const before = more > 0 ? stateOf(step).answer : undefined
    change(step, { running: true, stopped: false, error: undefined, answer: before })
    forgetAfter(step)
    try {
      const read = readConfig(stateOf(step).text)
      if ('problem' in read) throw new SyntaxError(read.problem)
      await ready(step)
      signal.throwIfAborted()
      const body = withDataset(read.config, dataFor(step)?.dataset.id)
      const tell = (answer: Answer): void => {
        if (!signal.aborted) change(step, { answer })
      }
      await runs[step.kind]({ step, body, type: stateOf(step).type, more, before, find: finderFor(step), tell, signal })
      change(step, { running: false })
    } catch (error) {
      change(step, isAbort(error) ? { running: false, stopped: true } : { running: false, error })
    }
  }

  /** Runs what a step builds on, unless there is an answer of it. */
  const ready = async (step: Step): Promise<void> => {
    const needed = step.needs && findStep(step, step.needs)
    if (!needed || (stateOf(needed).answer && !stateOf(needed).running)) return
    await run(needed)
    if (!stateOf(needed).answer || stateOf(needed).error !== undefined)
      throw new Error(`The step “${needed.title}” must have an answer first`)
  }

  /** What was built on an answer that changes now is no longer true. */
  const forgetAfter = (step: Step): void => {
    for (const later of steps) {
      if (!later.needs || findStep(later, later.needs) !== step) continue
      if (open.has(later.id)) continue
      change(later, { answer: undefined, error: undefined, stopped: false })
      forgetAfter(later)
    }
  }

  const finderFor =
    (step: Step) =>
    <Kind extends StepKind>(kind: Kind): AnswerOf<Kind> => {
      const found = findStep(step, kind)
      const answer = found && stateOf(found).answer
      if (!answer || !isOfKind(answer, kind)) throw new Error(`No step before this one has ${kind}`)
      return answer
    }

  /** The dataset that the chapter has made before a step; undefined if none is there yet. */
  const dataFor = (step: Step): AnswerOf<'data'> | undefined => {
    const found = findStep(step, 'data')
    const answer = found && stateOf(found).answer
    return answer?.kind === 'data' ? answer : undefined
  }

  return {
    store,
    run,
    stop: (step: Step): void => open.get(step.id)?.control.abort(),
    setText: (step: Step, text: string): void => change(step, { text }),
    setType: (step: Step, type: string): void => change(step, { type }),
    reset: (step: Step): void => change(step, { ...initialState(step), answer: stateOf(step).answer }),
    dataFor,
    neededBy: (step: Step): Step | undefined => step.needs && findStep(step, step.needs),
    /** Ends all that goes on. */
    leave: (): void => {
      for (const { control } of open.values()) control.abort()
    },
  }
}

export type ChapterRuns = ReturnType<typeof createChapterRuns>

const initialState = ({ body, types = [] }: Step): StepState => ({ text: writeConfig(body), type: types[0] ?? '', running: false })

const isOfKind = <Kind extends StepKind>(answer: Answer, kind: Kind): answer is Extract<Answer, { kind: Kind }> & AnswerOf<Kind> =>
  answer.kind === kind
