/** The weights as files, in every format. */
import { useState } from 'preact/hooks'
import { download } from '../../api/client.ts'
import type { Job } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'

type File = { label: string; query: string; name: string }

const files: File[] = [
  { label: 'safetensors', query: 'format=safetensors', name: 'weights.safetensors' },
  { label: 'NumPy npz', query: 'format=npz', name: 'weights.npz' },
  { label: 'JSON', query: 'format=json', name: 'weights.json' },
  { label: 'ONNX model', query: 'format=onnx', name: 'model.onnx' },
  { label: 'TensorFlow.js model', query: 'format=layersModel', name: 'model.json' },
  { label: 'safetensors for PyTorch', query: 'format=safetensors&layout=torch', name: 'weights-torch.safetensors' },
  { label: 'npz for PyTorch', query: 'format=npz&layout=torch', name: 'weights-torch.npz' },
  { label: 'JSON for PyTorch', query: 'format=json&layout=torch', name: 'weights-torch.json' },
]

export const Downloads = ({ job: { id, progress } }: { job: Job }) => {
  const [error, setError] = useState<unknown>()
  const save = async ({ query, name }: File): Promise<void> => {
    try {
      await download(`/jobs/${id}/weights?${query}`, `${id}-${name}`)
      setError(undefined)
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Card title="Weights">
      {progress.epoch === 0 ? (
        <p class="muted">There are weights once an epoch is finished.</p>
      ) : (
        <div class="actions">
          {files.map((file) => (
            <button key={file.query} type="button" class="button small" onClick={() => void save(file)}>
              {file.label}
            </button>
          ))}
        </div>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
    </Card>
  )
}
