/**
 * select: three lists of descriptors, and which of them are ready. After Berkeley's select(2) and Python's.
 *
 * It is done with poll(2), so there is no limit of 1024, and what counts as ready is as select(2) has it: an error or
 * a hang-up makes a descriptor readable and writable, but is no exceptional condition.
 */
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI } from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { AT_ONCE, deadlineOf } from './deadline.ts';
import { PollSet } from './poll-set.ts';
import { badDescriptor, descriptorOf } from './selectable.ts';
import type { Selectable } from './selector.ts';

/** Options of {@link select}. */
export interface SelectOptions {
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** What each list asks for, and which answers it takes for that. */
const READABLE = { asks: POLLIN, takes: POLLIN | POLLHUP | POLLERR };
const WRITABLE = { asks: POLLOUT, takes: POLLOUT | POLLHUP | POLLERR };
const EXCEPTIONAL = { asks: POLLPRI, takes: POLLPRI };

/**
 * Blocks this thread until something in one of the lists is ready, and returns three lists of what is: the very
 * objects, in their order. All of them are empty when the time is over.
 *
 * It takes sockets of either face, whatever else has a `fileno`, and numbers of descriptors: 0 is standard input.
 * Regular files are always ready. What is in several lists, or twice in one, is answered wherever it is.
 *
 * Each call looks at all of them. Who waits for the same ones again and again takes a selector.
 *
 * @param readers what to read from: data, the end of a stream, a connection to accept
 * @param writers what to write to, or whose connect is under way
 * @param exceptional what urgent data may come on (`MSG_OOB`)
 * @param timeoutMs for ever unless told, or when `null`; 0, or less, does not wait. With empty lists it sleeps: for
 * ever without a time-out, until a signal comes.
 * @throws BadDescriptorError which names the one that is closed, or no descriptor.
 * @throws InterruptedError when a signal came that JavaScript handles, and the call may wait.
 * @throws InvalidArgumentError when they are more than `ulimit -n` allows.
 *
 * @example
 * ```ts
 * const [readable] = select([server, client, 0], [], [], 5000);
 * if (readable.length === 0) console.log('Nothing happened within 5 s.');
 * ```
 */
export function select<
  Reader extends Selectable,
  Writer extends Selectable,
  Exceptional extends Selectable,
>(
  readers: readonly Reader[],
  writers: readonly Writer[],
  exceptional: readonly Exceptional[],
  timeoutMs?: number | null,
  options: SelectOptions = {},
): [readable: Reader[], writable: Writer[], exceptional: Exceptional[]] {
  const deadline = deadlineOf('select', timeoutMs, () => performance.now());
  const set = new PollSet();
  const reading = new Wanted(set, { list: 'readers', whats: readers, ...READABLE });
  const writing = new Wanted(set, { list: 'writers', whats: writers, ...WRITABLE });
  const special = new Wanted(set, { list: 'exceptional', whats: exceptional, ...EXCEPTIONAL });
  const libc = options.libc ?? openLibc();
  for (;;) {
    const count = set.poll(libc, deadline);
    for (const wanted of [reading, writing, special]) wanted.check();
    const ready: [Reader[], Writer[], Exceptional[]] = [
      reading.ready(),
      writing.ready(),
      special.ready(),
    ];
    const isFound = ready.some(({ length }) => length > 0);
    if (isFound || count === 0 || deadline === AT_ONCE) return ready;
    // Over, and only asked for urgent data: none comes any more, and poll would say so again and again.
    special.giveUp();
  }
}

/** One of the lists. */
class Wanted<What extends Selectable> {
  readonly #set: PollSet;
  readonly #list: string;
  readonly #whats: readonly What[];
  readonly #fds: readonly number[];
  readonly #takes: number;

  constructor(
    set: PollSet,
    facts: {
      readonly list: string;
      readonly whats: readonly What[];
      readonly asks: number;
      readonly takes: number;
    },
  ) {
    const { list, whats, asks, takes } = facts;
    this.#set = set;
    this.#list = list;
    this.#whats = whats;
    this.#fds = whats.map((what, index) => descriptorOf('select', what, `${list}[${index}]`));
    this.#takes = takes;
    for (const fd of this.#fds) set.put(fd, set.wanted(fd) | asks);
  }

  /** Throws when one of them is no open descriptor. */
  check(): void {
    const index = this.#fds.findIndex((fd) => (this.#set.answer(fd) & POLLNVAL) !== 0);
    const what = this.#whats[index];
    if (what !== undefined) {
      throw badDescriptor('select', what, { where: `${this.#list}[${index}]` });
    }
  }

  ready(): What[] {
    return this.#whats.filter((_, index) => {
      return (this.#set.answer(this.#fds[index] ?? -1) & this.#takes) !== 0;
    });
  }

  /** Asks no more of those that have something else to say than what was asked for. */
  giveUp(): void {
    for (const fd of this.#fds) {
      if (this.#set.answer(fd) !== 0) this.#set.delete(fd);
    }
  }
}
