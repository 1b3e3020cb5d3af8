import { describe, expect, expectTypeOf, test } from 'vitest';
import { encodeOption } from './option-codec.ts';
import { OPTION_LEVELS, type OptionEntry } from './option-entry.ts';
import {
  OPTIONS,
  type GettableOptionName,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from './option-table.ts';
import type { Ipv4Membership, PeerCredentials } from './structure-kinds.ts';

const ENTRIES = Object.entries<OptionEntry>(OPTIONS);

describe('the table', () => {
  test('has each level and number once', () => {
    const numbers = ENTRIES.map(([, { level, number }]) => `${level}/${number}`);
    expect(new Set(numbers).size).toBe(ENTRIES.length);
  });

  test.each(ENTRIES)('%s is at the level of its name, and told in sentences', (name, entry) => {
    const level = name.startsWith('SO_') ? 'SOL_SOCKET' : `IPPROTO_${name.split('_')[0]}`;
    expect(OPTION_LEVELS).toHaveProperty(level, entry.level);
    expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    expect(entry.caution ?? 'None.').toMatch(/^[A-Z0-9].*\.$/);
    expect(entry.since ?? '5.0').toMatch(/^\d\.\d+$/);
  });
});

describe('types', () => {
  test('of values follow from the kind', () => {
    expectTypeOf<OptionValue<'TCP_NODELAY'>>().toEqualTypeOf<boolean>();
    expectTypeOf<OptionValue<'SO_ERROR'>>().toEqualTypeOf<number>();
    expectTypeOf<OptionValue<'SO_LINGER'>>().toEqualTypeOf<number | null>();
    expectTypeOf<OptionValue<'SO_COOKIE'>>().toEqualTypeOf<bigint>();
    expectTypeOf<OptionValue<'TCP_CONGESTION'>>().toEqualTypeOf<string>();
    expectTypeOf<OptionValue<'SO_PEERCRED'>>().toEqualTypeOf<PeerCredentials>();
    expectTypeOf<OptionValue<'IP_ADD_MEMBERSHIP'>>().toEqualTypeOf<Ipv4Membership>();
    expectTypeOf<OptionValue<'IPV6_MTU_DISCOVER'>>().toEqualTypeOf<
      'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit'
    >();
  });

  test('of names follow from the access', () => {
    expectTypeOf<'SO_ERROR'>().toExtend<GettableOptionName>();
    expectTypeOf<'SO_ERROR'>().not.toExtend<SettableOptionName>();
    expectTypeOf<'IP_ADD_MEMBERSHIP'>().toExtend<SettableOptionName>();
    expectTypeOf<'IP_ADD_MEMBERSHIP'>().not.toExtend<GettableOptionName>();
    expectTypeOf<'TCP_NODELAY'>().toExtend<GettableOptionName & SettableOptionName>();
    expectTypeOf<OptionName>().toEqualTypeOf<GettableOptionName | SettableOptionName>();
  });

  test('hold in calls', () => {
    const get = <Name extends GettableOptionName>(name: Name): Name => name;
    get('SO_ERROR');
    // @ts-expect-error a membership can only be set
    get('IP_ADD_MEMBERSHIP');
    // @ts-expect-error there is no such option
    get('TCP_NO_DELAY');

    encodeOption('SO_LINGER', null);
    // @ts-expect-error the pending error can only be read
    expect(() => encodeOption('SO_ERROR', 1)).toThrow(TypeError);
    // @ts-expect-error a flag is true or false
    expect(() => encodeOption('TCP_NODELAY', 1)).toThrow(TypeError);
    // @ts-expect-error keep-alive times are numbers
    expect(() => encodeOption('TCP_KEEPIDLE', true)).toThrow(TypeError);
    // @ts-expect-error a membership has a group
    expect(() => encodeOption('IP_ADD_MEMBERSHIP', { interface: 1 })).toThrow(RangeError);
  });
});
