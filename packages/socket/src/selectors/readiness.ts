/** Interest and events of selectors as bits of poll(2), which epoll(7) has, too. */
import { EVENT_HANGUP, EVENT_READ, EVENT_WRITE } from '../event-loop/registration.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../libc/constants.ts';
import type { SelectorInterest } from './selector.ts';

/** What the kernel is asked for. */
export const INTEREST_BITS: Readonly<Record<SelectorInterest, number>> = {
  read: POLLIN,
  write: POLLOUT,
  'read-write': POLLIN | POLLOUT,
};

const INTEREST_EVENTS: Readonly<Record<SelectorInterest, number>> = {
  read: EVENT_READ,
  write: EVENT_WRITE,
  'read-write': EVENT_READ | EVENT_WRITE,
};

/** The events in what the kernel answered. An error or a hang-up is readiness for all that was asked for. */
export function eventsOf(bits: number, interest: SelectorInterest): number {
  if ((bits & (POLLERR | POLLHUP)) !== 0) return INTEREST_EVENTS[interest] | EVENT_HANGUP;
  let events = 0;
  if ((bits & POLLIN) !== 0) events |= EVENT_READ;
  if ((bits & POLLOUT) !== 0) events |= EVENT_WRITE;
  return events;
}
