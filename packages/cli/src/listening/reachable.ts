/** The warning of every command that listens. */
import { formatAddress, isLoopback, type Address } from '@wireline/socket';
import { colorsFor } from '../terminal/colors.ts';

/** Says on standard error that other machines can reach a server at `address`, where they can. */
export function warnWhenReachable(address: Address): void {
  if (isLoopback(address)) return;
  const warning = `warning: ${formatAddress(address)} can be reached from other machines`;
  console.error(colorsFor(process.stderr).yellow(warning));
}
