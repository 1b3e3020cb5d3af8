/** The texts of the guide. */

/** What stands in front of the first ten bytes of a binary request. */
export const FIRST_BYTES = 'First 10 bytes of request: ';

/** The entry `morpheus`. */
export const MORPHEUS = 'Follow the white rabbit. \u{1F430}';

/** The entry `ring`. */
export const RING = 'In the caves beneath the Misty Mountains. \u{1F48D}';

/** The entry U+1F436. */
export const PLAYING = '\u{1F43E} Playing ball! \u{1F3D0}';
