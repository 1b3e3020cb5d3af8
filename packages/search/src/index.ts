/**
 * `@wireline/search`: look-ups in a directory of entries, the application of the Python sockets guide.
 *
 * @example
 * ```ts
 * const directory = await Directory.fromFile('entries.json');
 * const server = new Server(createSearchHandler(directory));
 * ```
 */
export { Directory, DirectoryFileError } from './directory.ts';
export { BINARY_ANSWER_TYPE, createSearchHandler } from './search-handler.ts';
