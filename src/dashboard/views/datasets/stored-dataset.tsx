/** A dataset that has just come, with the notes of the service, and where to go on. */
import type { Dataset } from '../../api/types.ts'
import { ColumnNotes } from '../../components/column-notes.tsx'
import { Notice } from '../../components/notice.tsx'
import { formatNumber } from '../../format.ts'

export const StoredDataset = ({
  dataset: { id, name, rows, columnCount, notes, badRows },
  onForget,
}: {
  dataset: Dataset
  onForget: () => void
}) => (
  <Notice kind="good">
    <span>
      <b>{name}</b>: {formatNumber(rows)} rows of {formatNumber(columnCount)} columns
      {badRows && badRows.count > 0 && `, without ${formatNumber(badRows.count)} that could not be read`}.
    </span>
    <span class="actions">
      <a class="button small" href={`/datasets/${id}`}>
        Look at it
      </a>
      <a class="button small" href={`/new?dataset=${id}`}>
        Train on this
      </a>
      <Forget name={name ?? id} onForget={onForget} />
    </span>
    {notes.length > 0 && <ColumnNotes notes={notes} />}
  </Notice>
)

/** Takes what is said of something off the page. */
export const Forget = ({ name, onForget }: { name: string; onForget: () => void }) => (
  <button type="button" class="button small quiet" aria-label={`Close what is said of ${name}`} onClick={onForget}>
    Close
  </button>
)
