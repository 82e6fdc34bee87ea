/** A new job: a form made of the catalog and the JSON beside it, in step with each other and checked by the service as they change. */
import { useEffect, useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import { ApiError } from '../../api/problem.ts'
import type { Catalog } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { JsonEditor } from '../../components/json-editor.tsx'
import { ErrorNotice, Notice } from '../../components/notice.tsx'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'
import { type Config, readConfig, withValue, writeConfig } from './draft.ts'
import { EstimateCard } from './estimate-card.tsx'
import { Form } from './form.tsx'
import { FormContext } from './form-context.ts'
import { copyOf, loadStart } from './start.ts'
import { StartPicker } from './start-picker.tsx'
import { SubmitJob } from './submit-job.tsx'
import { useEstimate } from './use-estimate.ts'

export const title = (): string => 'New job'

export const View = () => {
  const [search] = useSearch()
  const from = String(search)
  const catalog = useQuery((signal) => get<Catalog>('/catalog', { signal }), [])
  const start = useQuery(async (signal) => ({ from, config: await loadStart(search, signal) }), [from])
  const error = catalog.error ?? start.error
  return (
    <>
      <div class="heading">
        <h1>New job</h1>
      </div>
      <StartPicker />
      {error !== undefined && <ErrorNotice error={error} />}
      {catalog.data && start.data?.from === from ? (
        <Editor key={from} catalog={catalog.data} start={start.data.config} />
      ) : (
        error === undefined && <p class="muted">Loading …</p>
      )}
    </>
  )
}

const Editor = ({ catalog, start }: { catalog: Catalog; start: Config }) => {
  const [text, setText] = useState(() => writeConfig(start))
  // The form shows the last config that could be read.
  const [config, setConfig] = useState(start)
  const [refused, setRefused] = useState<unknown>()
  const read = readConfig(text)
  const problem = 'problem' in read ? read.problem : undefined
  const checked = useEstimate(problem === undefined ? config : undefined)
  useEffect(() => setRefused(undefined), [text])

  const write = (next: Config): void => {
    setConfig(next)
    setText(writeConfig(next))
  }
  const onInput = (typed: string): void => {
    setText(typed)
    const now = readConfig(typed)
    if ('config' in now) setConfig(now.config)
  }
  const error = refused ?? checked.error
  const errors = error instanceof ApiError && problem === undefined ? error.errors : []

  return (
    <div class="editor">
      <div class="editor-form">
        {problem !== undefined && <Notice kind="warn">The form shows the last JSON that could be read; a change here replaces it.</Notice>}
        <FormContext.Provider value={{ catalog, config, errors, set: (path, value) => write(withValue(config, path, value)) }}>
          <Form />
        </FormContext.Provider>
      </div>
      <div class="editor-side">
        <Card title="Config" actions={<SubmitJob text={text} disabled={problem !== undefined} onError={setRefused} />}>
          <JsonEditor label="JSON" text={text} error={problem} onInput={onInput} />
        </Card>
        <EstimateCard {...checked} error={error} onFill={(filled) => write(copyOf(filled))} />
      </div>
    </div>
  )
}
