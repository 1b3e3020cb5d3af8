/**
 * A file as an answer: opened anew for each request, so that what is shown is what is in it now.
 *
 * It is read piece by piece as the browser takes it, whatever its size. The length is announced before, so a file
 * that shrinks meanwhile cannot be answered any more: the connection is cut, and the browser sees that something is
 * missing.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lookup } from 'mrmime';
import { describeError } from '../exit.ts';
import type { Exchange } from './exchange.ts';
import { sendStatus } from './status.ts';

/** 256 KiB are read at once: a few hundred requests to the disk for 100 MiB, and little memory. */
const PIECE = 256 * 1024;

/** Bytes of no known kind. */
const UNKNOWN_TYPE = 'application/octet-stream';

/** Sends `file`. When that cannot be read, the browser gets 404 or 500, and the exchange knows why. */
export async function sendFile(exchange: Exchange, file: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await openFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // what the file system throws
    exchange.problem = `read ${file}: ${message}`;
    return sendStatus(
      exchange,
      code === 'ENOENT'
        ? { status: 404, sentence: 'The file of this page is not there any more.' }
        : { status: 500, sentence: 'The file of this page cannot be read.' },
    );
  }
  await using _ = handle;
  await sendHandle(exchange, handle, file);
}

/** Opens a regular file for reading. It is not waited for the writer of a pipe, which may never come. */
export async function openFile(file: string): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return handle;
    throw new Error(stats.isDirectory() ? 'it is a folder' : 'it is no regular file');
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The content type of a file by its name; text is taken for UTF-8. */
export function contentTypeOf(file: string): string {
  const type = lookup(basename(file)) ?? UNKNOWN_TYPE;
  return /^text\/|[/+](json|xml|javascript)$/.test(type) ? `${type}; charset=utf-8` : type;
}

async function sendHandle(exchange: Exchange, handle: FileHandle, file: string): Promise<void> {
  const { request, response, socket } = exchange;
  const { size } = await handle.stat();
  exchange.begin(size, {
    'Content-Type': contentTypeOf(file),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  const bytes = handle.createReadStream({
    start: 0,
    end: size - 1,
    highWaterMark: PIECE,
    autoClose: false,
  });
  try {
    await pipeline(bytes, response, { end: false });
  } catch (error) {
    // Who left, or was cut off, is no trouble with the file; the server knows about him.
    if (!socket.destroyed) exchange.problem = `read ${file}: ${describeError(error)}`;
    socket.destroy();
    return;
  }
  if (bytes.bytesRead === size) {
    response.end();
    return;
  }
  exchange.problem = `read ${file}: it has shrunk from ${size} to ${bytes.bytesRead} bytes meanwhile`;
  socket.destroy();
}
