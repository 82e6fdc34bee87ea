/** The request that makes this job again, for a shell and for programs. */
import { useState } from 'preact/hooks'
import { keyStore } from '../../api/key.ts'
import type { Job } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { toJson } from '../../json-text.ts'
import { type Language, languages, requestIn } from './replay-code.ts'

export const ReplayCard = ({ job }: { job: Job }) => {
  const [language, setLanguage] = useState<Language>('curl')
  const text = requestIn(language, { origin: location.origin, json: toJson(configOf(job), 2), hasKey: keyStore.get().key !== null })
  return (
    <Card
      title="The request that made it"
      actions={
        <>
          {languages.map((name) => (
            <button key={name} type="button" class="button small" aria-pressed={name === language} onClick={() => setLanguage(name)}>
              {name}
            </button>
          ))}
          <CopyButton text={() => text} label="Copy the request" />
        </>
      }
    >
      <pre class="config" tabIndex={0} role="group" aria-label={`Request in ${language}`}>
        {text}
      </pre>
    </Card>
  )
}

/** The config of a new job; what the service noted of its own choices is no part of a request. */
const configOf = ({ config }: Job): Record<string, unknown> => {
  const { auto: _auto, ...rest }: Record<string, unknown> = config
  return rest
}
