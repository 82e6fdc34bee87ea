/** Everything that is wrong with a file, by line and column. */
import type { ValidationError } from '../../api/types.ts'
import { Table, type TableColumn } from '../../components/table.tsx'

export const FileErrors = ({ errors, name }: { errors: ValidationError[]; name: string }) => (
  <div class="file-errors">
    <Table
      caption={`What is wrong with ${name}`}
      columns={columns}
      rows={errors}
      keyOf={({ path, code, line, column, message }) => [path, code, line, column, message].join()}
    />
  </div>
)

const columns: TableColumn<ValidationError>[] = [
  { key: 'line', head: 'Line', number: true, cell: ({ line }) => line ?? '–' },
  { key: 'column', head: 'Column', cell: ({ column, path }) => column ?? <code>{path}</code> },
  { key: 'value', head: 'Value', cell: ({ value }) => (value === undefined ? '–' : <code>{JSON.stringify(value)}</code>) },
  { key: 'message', head: 'What is wrong', cell: ({ message }) => message },
]
