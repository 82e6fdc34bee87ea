import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Deletes values that no checkpoint and no tensor refers to and that no worker is still writing; at most `limit` blobs. Says how many. */
export const sweepBlobs = (client: DatabaseClient, limit: number): Promise<number> => client.$executeRaw`
  delete from "Blob" where id in (
    select blob.id from "Blob" blob join "Job" job on job.id = blob."jobId"
    where not blob.kept and blob.token is distinct from job."leaseToken" limit ${limit} for update of blob skip locked)`
