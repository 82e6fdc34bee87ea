/** Brings tables: files that are dropped here or chosen, one after the other, and what the service fetches from an address. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Card } from '../../components/card.tsx'
import { ImportForm } from './import-form.tsx'
import { endings } from './media-type.ts'
import type { UploadOptions } from './upload-file.ts'
import { UploadItem } from './upload-item.tsx'
import { noOptions, OptionFields, readOptions } from './upload-options.tsx'

type Chosen = { key: number; file: File; options: UploadOptions }

/** Files at once; they are sent one after the other. */
const maxFiles = 20

export const UploadCard = ({ onUploaded }: { onUploaded: () => void }) => {
  const [chosen, setChosen] = useState<Chosen[]>([])
  const [finished, setFinished] = useState<ReadonlySet<number>>(new Set())
  const [over, setOver] = useState(false)
  const [texts, setTexts] = useState(noOptions)
  const count = useRef(0)

  const add = (files: FileList | null | undefined): void => {
    const options = readOptions(texts)
    const added = [...(files ?? [])].slice(0, maxFiles).map((file) => ({ key: count.current++, file, options }))
    setChosen((before) => [...before, ...added])
  }
  const finish = (key: number, stored: boolean): void => {
    setFinished((before) => new Set([...before, key]))
    if (stored) onUploaded()
  }
  const dropped = useRef(add)
  dropped.current = add
  useEffect(() => followDrops({ onOver: setOver, onDrop: (files) => dropped.current(files) }), [])
  const current = chosen.find(({ key }) => !finished.has(key))?.key

  return (
    <Card title="Upload">
      <div class="upload">
        <label class={`drop ${over ? 'over' : ''}`}>
          <span>
            <b>Drop a table here</b>, or choose files
          </span>
          <input
            type="file"
            multiple
            accept={[...endings, '.gz', '.zst'].join()}
            onChange={(event) => {
              add(event.currentTarget.files)
              event.currentTarget.value = ''
            }}
          />
          <span class="muted">
            CSV, TSV, JSON, NDJSON, Parquet, Arrow, Feather, NumPy; with .gz or .zst too. What the columns are is found out.
          </span>
        </label>
        <details>
          <summary>Options</summary>
          <OptionFields texts={texts} onChange={setTexts} />
        </details>
        <ImportForm options={() => readOptions(texts)} onStored={onUploaded} />
        {chosen.map(({ key, file, options }) => (
          <UploadItem
            key={key}
            file={file}
            options={options}
            start={key === current}
            onEnd={(stored) => finish(key, stored)}
            onForget={() => setChosen((before) => before.filter((other) => other.key !== key))}
          />
        ))}
      </div>
    </Card>
  )
}

type Drops = { onOver: (over: boolean) => void; onDrop: (files: FileList | undefined) => void }

/** Takes what is dropped anywhere: beside its place a browser would show the file in place of the page. Returns how to stop. */
const followDrops = ({ onOver, onDrop }: Drops): (() => void) => {
  const control = new AbortController()
  const { signal } = control
  const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false
  const over = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    onOver(true)
  }
  const leave = ({ relatedTarget }: DragEvent): void => {
    if (!relatedTarget) onOver(false)
  }
  const drop = (event: DragEvent): void => {
    if (!hasFiles(event)) return
    event.preventDefault()
    onOver(false)
    onDrop(event.dataTransfer?.files)
  }
  addEventListener('dragover', over, { signal })
  addEventListener('dragleave', leave, { signal })
  addEventListener('drop', drop, { signal })
  return () => control.abort()
}
