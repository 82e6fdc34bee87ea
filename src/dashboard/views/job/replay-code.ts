/** The request that makes a job again, in the words of shells and languages. */

export const languages = ['curl', 'Command line', 'JavaScript', 'Python'] as const
export type Language = (typeof languages)[number]

/** `origin` is that of the service, `json` the config. The key itself is never shown: `hasKey` says that there must be one. */
export type Replayed = { origin: string; json: string; hasKey: boolean }

export const requestIn = (language: Language, request: Replayed): string => writers[language](request)

const writers: Record<Language, (request: Replayed) => string> = {
  curl: ({ origin, json, hasKey }) =>
    [
      `curl -s ${origin}/v1/jobs`,
      ...(hasKey ? [`-H "authorization: Bearer $TRAINYARD_API_KEY"`] : []),
      `-H 'content-type: application/json'`,
      `-d '${json.replaceAll("'", "'\\''")}'`,
    ].join(' \\\n  '),
  'Command line': ({ origin, json, hasKey }) =>
    [...(hasKey ? ['# TRAINYARD_API_KEY has the key'] : []), `npx trainyard --url ${origin} train - --watch <<'JSON'`, json, 'JSON'].join(
      '\n',
    ),
  JavaScript: ({ origin, json, hasKey }) =>
    [
      "import { Trainyard } from 'trainyard'",
      '',
      ...(hasKey ? ['// TRAINYARD_API_KEY has the key.'] : []),
      `const client = new Trainyard({ url: '${origin}' })`,
      `const job = await client.jobs.train(${json})`,
      'console.log(job.result, await job.losses())',
    ].join('\n'),
  Python: ({ origin, json, hasKey }) =>
    [
      'import json, trainyard',
      '',
      ...(hasKey ? ['# TRAINYARD_API_KEY has the key.'] : []),
      `client = trainyard.Client("${origin}")`,
      // JSON has no three quotes in a row that a backslash does not part, so a raw string holds it as it is.
      `job = client.train(json.loads(r"""${json}"""))`,
      'print(job.result, job.losses())',
    ].join('\n'),
}
