/**
 * A value that is JSON already, as the database keeps it: it goes into an answer as it is, since reading and writing a
 * large one again would stop everybody else.
 */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For whoever writes an answer in one piece. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}
