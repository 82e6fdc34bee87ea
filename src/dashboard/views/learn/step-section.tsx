/** One step: what it is about, its request, and its answer beside it. */
import { useId } from 'preact/hooks'
import { ErrorNotice } from '../../components/notice.tsx'
import { Within } from '../../components/within.ts'
import { AnswerView } from './answers/answer-view.tsx'
import type { ChapterRuns, StepState } from './chapter-runs.ts'
import type { Step } from './chapters/chapter.ts'
import { Prose } from './prose.tsx'
import { RequestCard } from './request-card.tsx'

type Props = { step: Step; number: number; state: StepState | undefined; runs: ChapterRuns }

export const StepSection = ({ step, number, state, runs }: Props) => {
  const id = useId()
  if (!state) return null
  const { answer, error, running, stopped } = state
  return (
    <section class="lesson-step" id={step.id} aria-labelledby={id}>
      <h2 id={id}>
        <span class="step-number">{number}</span> {step.title}
      </h2>
      <div class="prose">
        <Prose text={step.text} />
      </div>
      <Within.Provider value={`of step ${number}`}>
        <div class="lesson-body">
          <RequestCard step={step} state={state} runs={runs} needed={runs.neededBy(step)} />
          <div class="stack">
            {/* Told in a word: the answer itself is too much to be read out. */}
            <p class={running || stopped || (!answer && error === undefined) ? 'muted step-status' : 'visually-hidden'} role="status">
              {statusOf(state)}
            </p>
            {error !== undefined && <ErrorNotice error={error} />}
            {answer && <AnswerView answer={answer} step={step} data={runs.dataFor(step)} />}
            {answer && step.notice && (
              <div class="prose notice-text">
                <Prose text={step.notice} />
              </div>
            )}
          </div>
        </div>
      </Within.Provider>
    </section>
  )
}

const statusOf = ({ answer, error, running, stopped }: StepState): string => {
  if (running) return 'Running …'
  if (stopped) return 'Stopped before its end.'
  if (answer) return 'The answer is here.'
  return error === undefined ? 'Nothing was run yet.' : ''
}
