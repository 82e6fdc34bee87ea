/** What was measured as Markdown, on the screen and between markers of a document. */

const [begin, end] = ['<!-- load -->', '<!-- end load -->']

export const hasSection = (text) => text.includes(begin) && text.indexOf(end) > text.indexOf(begin)

/** Every part with its command and its table. */
export const toMarkdown = ({ machine, parts }) =>
  [
    ...parts.map(({ name, title, small, failed, head, rows }) =>
      [
        `### ${title}`,
        `\`npm run bench:load -- ${small ? '--small ' : ''}--only ${name}\``,
        failed ? `It failed: ${failed}` : table(head, rows),
      ].join('\n\n'),
    ),
    machine,
  ].join('\n\n')

/** The document with these tables in place of those it has. */
export const withSection = (text, tables) =>
  `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${tables}\n\n${text.slice(text.indexOf(end))}`

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
