/**
 * `@wireline/search`: look-ups in a directory of entries, the application of the Python sockets guide.
 *
 * @example
 * ```ts
 * const directory = await Directory.fromFile('entries.json');
 * const server = new Server(createSearchHandler(directory));
 *
 * const client = new Client({ host: '127.0.0.1', port: 65432 }, { contract: searchContract });
 * const { result } = await client.request('search', { value: 'morpheus' });
 * ```
 */
export { Directory, DirectoryFileError } from './directory.ts';
export { searchContract } from './search-contract.ts';
export { BINARY_ANSWER_TYPE, createSearchHandler } from './search-handler.ts';
