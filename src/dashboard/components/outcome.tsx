import { Notice } from './notice.tsx'

/** What came of several requests: how many were done, and why the others were not. */
export const Outcome = ({ text, failures }: { text: string; failures: string[] }) => (
  <Notice kind={failures.length > 0 ? 'bad' : 'good'}>
    <span>{text}</span>
    {failures.length > 0 && (
      <ul>
        {failures.map((failure) => (
          <li key={failure}>{failure}</li>
        ))}
      </ul>
    )}
  </Notice>
)
