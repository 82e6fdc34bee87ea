/** Lets the service fetch a table from an address. */
import { useState } from 'preact/hooks'
import { send } from '../../api/client.ts'
import type { Import } from '../../api/types.ts'
import { Field } from '../../components/field.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { ImportItem } from './import-item.tsx'
import { useImports } from './imports.ts'
import type { UploadOptions } from './upload-file.ts'

export const ImportForm = ({ options, onStored }: { options: () => UploadOptions; onStored: () => void }) => {
  const [url, setUrl] = useState('')
  const [sending, setSending] = useState(false)
  const [error, setError] = useState<unknown>()
  const { shown, follow, reload, forget } = useImports(onStored)
  const begin = async (): Promise<void> => {
    setSending(true)
    setError(undefined)
    try {
      const begun = await send<Import>('POST', '/datasets', { ...options(), url: url.trim() })
      if (begun) follow(begun.id)
      setUrl('')
    } catch (thrown) {
      setError(thrown)
    }
    setSending(false)
  }
  return (
    <>
      <form
        class="import"
        onSubmit={(event) => {
          event.preventDefault()
          if (url.trim() !== '' && !sending) void begin()
        }}
      >
        <Field label="Or from an address" class="grow">
          {(field) => (
            <input
              {...field}
              inputMode="url"
              autocomplete="off"
              maxLength={4096}
              placeholder="https://data.example/table.csv.gz"
              value={url}
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="button" disabled={sending || url.trim() === ''}>
          Fetch
        </button>
      </form>
      {error !== undefined && <ErrorNotice error={error} />}
      {shown.map((one) => (
        <ImportItem key={one.id} of={one} onChange={reload} onForget={() => forget(one.id)} />
      ))}
    </>
  )
}
