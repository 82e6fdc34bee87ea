/** What was found out about columns, a line each; null: about the table. */
export const ColumnNotes = ({ notes }: { notes: { column: string | null; message: string }[] }) => (
  <ul>
    {notes.map(({ column, message }) => (
      <li key={`${column}${message}`}>
        {column !== null && <b>{column}: </b>}
        {message}
      </li>
    ))}
  </ul>
)
