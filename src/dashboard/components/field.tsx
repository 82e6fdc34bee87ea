/** A control with its label, a hint and what is wrong with it, all of them told to those who hear the page. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** What the control itself has to be given. */
export type FieldControl = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined }

type Props = {
  label: string
  hint?: ComponentChildren
  error?: string
  class?: string
  children: (control: FieldControl) => ComponentChildren
}

export const Field = ({ label, hint, error, class: className = '', children }: Props) => {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter((part) => part !== '').join(' ')
  return (
    <div class={`field ${className}`}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <span class="error" id={`${id}-error`}>
          {error}
        </span>
      )}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  )
}
