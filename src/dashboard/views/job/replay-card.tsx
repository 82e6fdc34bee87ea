/** The request that makes this job again, for a shell and for programs. */
import { useState } from 'preact/hooks'
import { keyStore } from '../../api/key.ts'
import type { Job } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { toJson } from '../../json-text.ts'

const languages = ['curl', 'Command line', 'JavaScript', 'Python'] as const
type Language = (typeof languages)[number]

export const ReplayCard = ({ job }: { job: Job }) => {
  const [language, setLanguage] = useState<Language>('curl')
  const text = writers[language](location.origin, toJson(configOf(job), 2), keyStore.get().key !== null)
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

/** The key itself is never shown. */
const writers: Record<Language, (origin: string, json: string, hasKey: boolean) => string> = {
  curl: (origin, json, hasKey) =>
    [
      `curl -s ${origin}/v1/jobs`,
      ...(hasKey ? [`-H "authorization: Bearer $TRAINYARD_API_KEY"`] : []),
      `-H 'content-type: application/json'`,
      `-d '${json.replaceAll("'", "'\\''")}'`,
    ].join(' \\\n  '),
  'Command line': (origin, json, hasKey) =>
    [...(hasKey ? ['# TRAINYARD_API_KEY has the key'] : []), `npx trainyard --url ${origin} train - --watch <<'JSON'`, json, 'JSON'].join(
      '\n',
    ),
  JavaScript: (origin, json, hasKey) =>
    [
      "import { Trainyard } from 'trainyard'",
      '',
      ...(hasKey ? ['// TRAINYARD_API_KEY has the key.'] : []),
      `const client = new Trainyard({ url: '${origin}' })`,
      `const job = await client.jobs.train(${json})`,
      'console.log(job.result, await job.losses())',
    ].join('\n'),
  Python: (origin, json, hasKey) =>
    [
      'import json, os, urllib.request',
      '',
      `config = json.loads(${JSON.stringify(toJson(JSON.parse(json)))})`,
      `request = urllib.request.Request("${origin}/v1/jobs", json.dumps(config).encode(), {`,
      `    "content-type": "application/json",${hasKey ? '\n    "authorization": "Bearer " + os.environ["TRAINYARD_API_KEY"],' : ''}`,
      '})',
      'job = json.load(urllib.request.urlopen(request))',
    ].join('\n'),
}
