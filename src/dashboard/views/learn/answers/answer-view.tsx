import type { Answer, AnswerOf } from '../answers.ts'
import type { Step } from '../chapters/chapter.ts'
import { BatchAnswer, DataAnswer } from './data-answer.tsx'
import { DescentAnswer } from './descent-answer.tsx'
import { JobAnswer } from './job-answer.tsx'
import { LossAnswer, LossCurvesAnswer, SampleAnswer } from './loss-answer.tsx'
import { CheckAnswer, PredictionsAnswer } from './model-answer.tsx'
import { SweepAnswer } from './sweep-answer.tsx'

type Props = { answer: Answer; step: Step /** What the chapter made before. */; data: AnswerOf<'data'> | undefined }

/** An answer, drawn as its kind is. */
export const AnswerView = ({ answer, step, data }: Props) => {
  switch (answer.kind) {
    case 'data':
      return <DataAnswer answer={answer} />
    case 'batch':
      return <BatchAnswer answer={answer} />
    case 'descent':
      return <DescentAnswer answer={answer} />
    case 'job':
      return <JobAnswer answer={answer} />
    case 'sweep':
      return <SweepAnswer answer={answer} truth={step.truth} data={data} />
    case 'loss':
      return <LossAnswer answer={answer} />
    case 'lossCurves':
      return <LossCurvesAnswer answer={answer} />
    case 'sample':
      return <SampleAnswer answer={answer} />
    case 'predictions':
      return <PredictionsAnswer answer={answer} />
    case 'check':
      return <CheckAnswer answer={answer} />
  }
}
