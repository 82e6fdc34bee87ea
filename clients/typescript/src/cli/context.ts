/** What every command needs: a client, and where its words go. */
import type { Command } from 'commander'
import { Trainyard } from '../client.ts'

export type Context = {
  client: Trainyard
  /** Whether programs read what is printed. */
  json: boolean
  /** Prints a line of the result. */
  print: (line: string) => void
  /** Prints a result: as one line of JSON for programs, else as `describe` has it for people. */
  result: <Value>(value: Value, describe: (value: Value) => string) => void
  /** Says something beside the result, to people alone. */
  note: (line: string) => void
}

/** @throws TypeError for an address that cannot be */
export const contextOf = (command: Command): Context => {
  const { url, json = false } = command.optsWithGlobals<{ url?: string; json?: boolean }>()
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  return {
    client: new Trainyard({ url }),
    json,
    print,
    result: (value, describe) => print(json ? JSON.stringify(value) : describe(value)),
    note: (line) => {
      if (!json) process.stderr.write(`${line}\n`)
    },
  }
}
