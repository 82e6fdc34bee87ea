/** The request of a step: fields for what matters most, the JSON of all of it, and what runs it. */
import { ApiError } from '../../api/problem.ts'
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/field.tsx'
import { JsonEditor } from '../../components/json-editor.tsx'
import { type Config, type Json, pointerOf, readConfig, valueAt, withValue, writeConfig } from '../new-job/draft.ts'
import { maxSteps, requestLines } from './answers.ts'
import type { ChapterRuns, StepState } from './chapter-runs.ts'
import type { Step, StepField } from './chapters/chapter.ts'
import { newJobLink } from './new-job-link.ts'

type Props = { step: Step; state: StepState; runs: ChapterRuns; needed: Step | undefined }

/** Lines of the editor. */
const maxLines = 18

export const RequestCard = ({ step, state, runs, needed }: Props) => {
  const { text, type, error } = state
  const read = readConfig(text)
  const problem = 'problem' in read ? read.problem : undefined
  const config = 'config' in read ? read.config : undefined
  return (
    <Card
      title={
        <code class="request-line">
          {step.kind === 'lossCurves' ? requestLines.lossCurves : requestLines[step.kind].replace('{type}', type)}
        </code>
      }
    >
      <form
        class="form-stack"
        onSubmit={(event) => {
          event.preventDefault()
          void runs.run(step)
        }}
      >
        {step.types && step.kind !== 'lossCurves' && (
          <Field label="type">
            {(field) => (
              <select {...field} value={type} onChange={(event) => runs.setType(step, event.currentTarget.value)}>
                {step.types?.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        {step.fields && (
          <div class="lesson-fields">
            {step.fields.map((field) => (
              <ValueField
                key={field.label}
                field={field}
                config={config}
                error={errorAt(error, field.path)}
                onChange={(value) => config && runs.setText(step, writeConfig(withValue(config, field.path, value)))}
              />
            ))}
          </div>
        )}
        <JsonEditor
          label={step.kind === 'batch' ? 'Query, as JSON' : 'JSON'}
          text={text}
          error={problem}
          rows={Math.min(maxLines, text.split('\n').length)}
          onInput={(typed) => runs.setText(step, typed)}
        />
        {needed && <p class="hint-line">Builds on the step “{needed.title}”, which is run first if it has not been.</p>}
        <Actions step={step} state={state} runs={runs} problem={problem} />
      </form>
    </Card>
  )
}

/** What can be done with the request. */
const Actions = ({ step, state, runs, problem }: Omit<Props, 'needed'> & { problem: string | undefined }) => {
  const { text, running, answer } = state
  const link = newJobLink(step, text, runs.dataFor(step)?.dataset.id)
  const steps = answer?.kind === 'descent' ? answer.steps.length : 0
  const run = (more: number): void => void runs.run(step, more)
  return (
    <div class="actions writes">
      <button type="submit" class="button primary" disabled={running || problem !== undefined}>
        {steps > 0 ? 'Begin anew' : 'Run'}
        <span class="visually-hidden">: {step.title}</span>
      </button>
      {steps > 0 && (
        <>
          <button type="button" class="button" disabled={running || steps >= maxSteps} onClick={() => run(1)}>
            One more step
          </button>
          <button type="button" class="button" disabled={running || steps >= maxSteps} onClick={() => run(10)}>
            Ten more
          </button>
        </>
      )}
      {running && (
        <button type="button" class="button" onClick={() => runs.stop(step)}>
          Stop<span class="visually-hidden">: {step.title}</span>
        </button>
      )}
      {text !== writeConfig(step.body) && (
        <button type="button" class="button quiet" onClick={() => runs.reset(step)}>
          As it was<span class="visually-hidden">: the request of {step.title}</span>
        </button>
      )}
      {link && (
        <a class="button quiet" href={link}>
          Open as a new job<span class="visually-hidden">: {step.title}</span>
        </a>
      )}
    </div>
  )
}

type ValueProps = { field: StepField; config: Config | undefined; error: string | undefined; onChange: (value: Json) => void }

/** A number, a text or a list: written as JSON; text may do without its quotation marks. */
const ValueField = ({ field: { label, path, hint, wide }, config, error, onChange }: ValueProps) => {
  const value = valueAt(config, path)
  return (
    <Field label={label} hint={hint} error={error} class={wide ? 'wide-field' : ''}>
      {(field) => (
        <input
          {...field}
          class="mono"
          autocomplete="off"
          spellcheck={false}
          disabled={config === undefined}
          value={value === undefined ? '' : writeValue(value)}
          onChange={(event) => onChange(readValue(event.currentTarget.value))}
        />
      )}
    </Field>
  )
}

const writeValue = (value: Json): string => {
  if (typeof value === 'string') return value
  const isFlat = Array.isArray(value) && value.every((item) => typeof item === 'number')
  return isFlat ? `[${value.join(', ')}]` : JSON.stringify(value)
}

/** What cannot be read is sent as it is typed: the service says what would be right. */
const readValue = (typed: string): Json => {
  try {
    const value: Json = JSON.parse(typed)
    return value
  } catch {
    return typed
  }
}

/** The first validation error of a field or of what is in it. */
const errorAt = (error: unknown, path: StepField['path']): string | undefined => {
  const pointer = pointerOf(path)
  const errors = error instanceof ApiError ? error.errors : []
  return errors.find((one) => one.path === pointer || one.path.startsWith(`${pointer}/`))?.message
}
