/** How many connections a command may hold. */
import { descriptorLimit } from '@wireline/socket';

/**
 * Descriptors kept back from connections: Node opens some 25 for itself, and a program has files to read and names to
 * look up.
 */
export const RESERVED_DESCRIPTORS = 64;

/** The most connections that this process may have open at once: at least one is tried. */
export function mostConnections(): number {
  return Math.max(1, descriptorLimit() - RESERVED_DESCRIPTORS);
}
