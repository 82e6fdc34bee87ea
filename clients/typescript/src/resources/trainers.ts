/** `client.trainers`: training driven by hand, operation by operation. */
import { createList, type List } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import { Trainer } from '../trainer.ts'
import type { ListedTrainer, TrainerConfig, TrainerData, TrainerQuery } from '../types.ts'

export const createTrainers = (transport: Transport) => {
  const path = (id: string): string => `/v1/trainers/${segment(id)}`

  /** A model with its dataset, loss and optimizer, at version 0. @throws ValidationError with everything that is wrong with the config */
  const create = async (config: TrainerConfig, options: CallOptions = {}): Promise<Trainer> =>
    new Trainer(transport, await transport.json<TrainerData>('POST', '/v1/trainers', { ...options, body: config }))

  /** Goes on with a trainer after the last request that was done. */
  const get = async (id: string, options: CallOptions = {}): Promise<Trainer> =>
    new Trainer(transport, await transport.json<TrainerData>('GET', path(id), options))

  /** Newest first. */
  const list = (query: TrainerQuery = {}, options: CallOptions = {}): List<ListedTrainer> =>
    createList((after) => transport.json('GET', '/v1/trainers', { ...options, query: { ...query, after: after ?? query.after } }))

  /** Deletes a trainer with all that it saved. */
  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  return { create, get, list, delete: remove }
}
