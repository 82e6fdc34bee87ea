/** Asks for a key of the API, if the service has keys. */
import { useState } from 'preact/hooks'
import { keyStore, setKey } from '../api/key.ts'
import { useStore } from '../store.ts'
import { Field } from './field.tsx'

export const KeyPrompt = () => {
  const { key } = useStore(keyStore)
  const [text, setText] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    if (text.trim()) setKey(text.trim())
  }
  return (
    <form class="card key-prompt" onSubmit={submit}>
      <div class="dialog-body">
        <h1>This service asks for a key</h1>
        <Field
          label="API key"
          error={key === null ? undefined : 'The service does not know this key.'}
          hint="One of API_KEYS, or one that was made by an admin. It stays in this tab, and is gone when you close it."
        >
          {(field) => (
            <input
              {...field}
              type="password"
              autocomplete="current-password"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="actions end">
          <button type="submit" class="button primary">
            Continue
          </button>
        </div>
      </div>
    </form>
  )
}
