/**
 * RegisteredKey: a key, and what its selector knows of it beside.
 */
import type { Watched } from './backend.ts';
import type { Selectable, SelectorInterest, SelectorKey, Trigger } from './selector.ts';

/** A key of a selector. */
export class RegisteredKey<Data, What extends Selectable>
  implements SelectorKey<Data, What>, Watched
{
  readonly fileObject: What;
  readonly fd: number;
  readonly interest: SelectorInterest;
  readonly data: Data;
  readonly trigger: Trigger;
  readonly oneShot: boolean;
  // Private, so that printing a key shows what its user knows.
  readonly #generation: number;
  #armed = true;

  constructor(facts: SelectorKey<Data, What>, generation: number) {
    this.fileObject = facts.fileObject;
    this.fd = facts.fd;
    this.interest = facts.interest;
    this.data = facts.data;
    this.trigger = facts.trigger;
    this.oneShot = facts.oneShot;
    this.#generation = generation;
  }

  get generation(): number {
    return this.#generation;
  }

  get stale(): boolean {
    const { fileObject } = this;
    return typeof fileObject !== 'number' && fileObject.fileno() !== this.fd;
  }

  fire(): boolean {
    const wasArmed = this.#armed;
    if (this.oneShot) this.#armed = false;
    return wasArmed;
  }
}
