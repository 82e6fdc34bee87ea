/** JSON that is written by hand, with what is wrong with it. */
import type { ComponentChildren } from 'preact'
import { Field } from './field.tsx'

type Props = {
  label: string
  text: string
  /** Why the text cannot be read. */
  error?: string | undefined
  hint?: ComponentChildren
  rows?: number
  onInput: (text: string) => void
}

export const JsonEditor = ({ label, text, error, hint, rows = 24, onInput }: Props) => (
  <Field label={label} error={error} hint={hint}>
    {(field) => (
      <textarea
        {...field}
        class="mono json"
        rows={rows}
        spellcheck={false}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    )}
  </Field>
)
