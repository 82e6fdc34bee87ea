/** Paragraphs in which what stands between backticks is code. */
export const Prose = ({ text }: { text: string[] }) => (
  <>
    {text.map((paragraph) => (
      <p key={paragraph}>
        <Words text={paragraph} />
      </p>
    ))}
  </>
)

export const Words = ({ text }: { text: string }) => (
  <>{text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))}</>
)
