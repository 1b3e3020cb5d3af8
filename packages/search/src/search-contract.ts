/**
 * The contract of the search application: what a peer in TypeScript, or a page, needs to ask it. It imports nothing
 * that does I/O.
 */
import { defineContract } from '@wireline/service/contract';
import * as v from 'valibot';

/**
 * One action, `search`: the name of an entry, and its text or `No match for 'NAME'.`
 *
 * @example
 * ```ts
 * const client = new Client({ host: '127.0.0.1', port: 65432 }, { contract: searchContract });
 * const { result } = await client.request('search', { value: 'morpheus' });
 * ```
 */
export const searchContract = defineContract({
  search: {
    request: v.object({ value: v.string() }),
    response: v.object({ result: v.string() }),
  },
});
