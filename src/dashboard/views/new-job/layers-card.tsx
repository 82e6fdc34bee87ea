/** The layers of the model, in order. */
import { useRef } from 'preact/hooks'
import { Card } from '../../components/card.tsx'
import type { Json } from './draft.ts'
import { useField } from './form-context.ts'
import { TypedField } from './option-fields.tsx'

/** Layers that have fields; of more, the JSON is the place. */
const maxShown = 40

export const LayersCard = () => {
  const { value, set, error } = useField(['model', 'layers'])
  const model = useField(['model'])
  const layers = Array.isArray(value) ? value : []
  const addButton = useRef<HTMLButtonElement>(null)
  const setLayers = (next: Json[]): void => {
    // A model without layers is none: the service chooses one then.
    set(next.length > 0 ? next : undefined)
  }
  // The button that was pressed is gone: whoever uses the keyboard goes on from a near one.
  const remove = (at: number): void => {
    setLayers(layers.filter((_, other) => other !== at))
    addButton.current?.focus()
  }
  const move = (at: number, by: number): void => {
    const next = [...layers]
    next.splice(at + by, 0, ...next.splice(at, 1))
    setLayers(next)
  }
  return (
    <Card
      title="Model"
      actions={
        <button ref={addButton} type="button" class="button small" onClick={() => setLayers([...layers, { type: 'dense', units: 1 }])}>
          Add layer
        </button>
      }
    >
      {(error ?? model.error) && <p class="group-error">{error ?? model.error}</p>}
      {layers.length === 0 && <p class="muted">The service chooses the layers by the columns and the rows.</p>}
      <ol class="layers">
        {layers.slice(0, maxShown).map((_, at) => (
          <li key={at}>
            <div class="layer-head">
              <h3>Layer {at + 1}</h3>
              <span class="actions">
                <button
                  type="button"
                  class="button small quiet"
                  aria-label={`Move layer ${at + 1} up`}
                  disabled={at === 0}
                  onClick={() => move(at, -1)}
                >
                  ↑
                </button>
                <button
                  type="button"
                  class="button small quiet"
                  aria-label={`Move layer ${at + 1} down`}
                  disabled={at === layers.length - 1}
                  onClick={() => move(at, 1)}
                >
                  ↓
                </button>
                <button type="button" class="button small quiet" aria-label={`Remove layer ${at + 1}`} onClick={() => remove(at)}>
                  Remove
                </button>
              </span>
            </div>
            <TypedField label="type" path={['model', 'layers', at]} list="layers" absent={null} />
          </li>
        ))}
      </ol>
      {layers.length > maxShown && <p class="muted">and {layers.length - maxShown} more in the JSON</p>}
    </Card>
  )
}
