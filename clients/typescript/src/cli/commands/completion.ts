/** `trainyard completion bash|zsh|fish`: after every other command, since it offers those that there are. */
import completion from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

export const addCompletion = (program: Command): void => {
  completion(program, { completionCommandName: 'completion' })
}
