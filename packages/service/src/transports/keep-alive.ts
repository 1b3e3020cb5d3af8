/**
 * Keep-alive: how a connection on which nothing is due, whose peer is silent by right, finds out that nobody is
 * there any more. A peer whose process is gone answers the question with a reset; one whose machine is gone does
 * not answer.
 */

/** 60 s of silence, then a question every 10 s; given up behind the third without an answer. Linux alone takes all. */
export const KEEP_ALIVE = { idleSeconds: 60, intervalSeconds: 10, count: 3 } as const; // facts, not any numbers
