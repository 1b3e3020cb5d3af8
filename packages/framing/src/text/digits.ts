/** Whole numbers as digits in bytes. */

/** How many digits a safe integer that is not negative has. */
export function countDigits(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

/** Writes a safe integer that is not negative so that its last digit stands right before `end`. */
export function writeDigits(value: number, target: Uint8Array, end: number): void {
  let rest = value;
  let at = end;
  do {
    const tens = Math.floor(rest / 10);
    target[--at] = 0x30 + (rest - tens * 10);
    rest = tens;
  } while (rest > 0);
}
