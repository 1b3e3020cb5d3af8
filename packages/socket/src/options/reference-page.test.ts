/**
 * docs/socket-options.md has tables that are made from the sources: this test makes them.
 *
 * It fails when the page says something else; `npx vitest run packages/socket/src/options/reference-page.test.ts -u`
 * writes it anew.
 * Tables stand between `<!-- table X -->` and `<!-- end -->`; everything else on the page is written by hand.
 */
import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { TCP_INFO_FIELDS, type TcpInfoField } from '../tcp-info/fields.ts';
import { OPTION_LEVELS, type OptionEntry } from './option-entry.ts';
import { OPTIONS } from './option-table.ts';
import { VALUE_KINDS } from './value-kinds.ts';

const PAGE = new URL('../../../../docs/socket-options.md', import.meta.url).pathname;
const TCP_INFO_SOURCE = new URL('../tcp-info/facts.ts', import.meta.url);

const ACCESS = { 'read-write': 'set, read', read: 'read', write: 'set' } as const;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map(escape).join(' | ')} |`).join('\n');
}

/** A bar would end the cell, in code too. */
function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}

function since(entry: { readonly since?: string }): string {
  return entry.since === undefined ? '' : ` Since Linux ${entry.since}.`;
}

function optionsTable(level: number): string {
  const entries = Object.entries<OptionEntry>(OPTIONS).filter(([, entry]) => entry.level === level);
  return table(
    ['name', 'value', 'unit', 'access', 'manual', 'what it does'],
    entries.map(([name, entry]) => [
      `\`${name}\``,
      `\`${VALUE_KINDS[entry.kind].typescript}\``,
      entry.unit ?? '',
      ACCESS[entry.access],
      entry.manual,
      [entry.summary, entry.caution ?? ''].join(' ').trim() + since(entry),
    ]),
  );
}

/** The fields of TcpInfo with their types and doc comments, which is where they are explained. */
function tcpInfoDocs(): Map<string, { type: string; doc: string }> {
  const source = readFileSync(TCP_INFO_SOURCE, 'utf8');
  const [, body = ''] = /export interface TcpInfo \{(.*?)\n\}/s.exec(source) ?? [];
  const members = body.matchAll(/\/\*\* (.*?) \*\/\s+readonly (\w+): (.*?);/gs);
  return new Map(
    Array.from(members, ([, doc = '', name = '', type = '']) => [name, { type, doc }]),
  );
}

/** How a doc comment ends that says the unit. The page has a column for it. */
const UNIT = / In (bytes|bytes per second|segments)\.$/;

function tcpInfoTable(): string {
  const docs = tcpInfoDocs();
  return table(
    ['field', 'value', 'unit', 'kernel’s name', 'what it tells'],
    Object.entries<TcpInfoField>(TCP_INFO_FIELDS).map(([name, field]) => {
      const { type, doc } = docs.get(name) ?? { type: '', doc: '' };
      return [
        `\`${name}\``,
        `\`${type}\``,
        field.unit ?? '',
        `\`${field.source}\``,
        doc.replace(UNIT, '') + since(field),
      ];
    }),
  );
}

test('every field of TcpInfo is explained, with the unit that the table gives it', () => {
  const docs = tcpInfoDocs();
  expect([...docs.keys()].sort()).toEqual(Object.keys(TCP_INFO_FIELDS).sort());
  for (const [name, field] of Object.entries<TcpInfoField>(TCP_INFO_FIELDS)) {
    const doc = docs.get(name)?.doc ?? '';
    const said = doc.startsWith('Segments ') ? 'segments' : UNIT.exec(doc)?.[1];
    expect(name.endsWith('Ms') ? 'milliseconds' : said, name).toBe(field.unit);
  }
});

test('the reference page says what the tables say', async () => {
  const tables = new Map([
    ...Object.entries(OPTION_LEVELS).map(([name, level]) => [name, optionsTable(level)] as const),
    ['tcpInfo', tcpInfoTable()] as const,
  ]);
  const page = readFileSync(PAGE, 'utf8').replaceAll(
    /(<!-- table (\w+) -->\n).*?(<!-- end -->)/gs,
    (_all, begin: string, name: string, end: string) => {
      const text = tables.get(name);
      if (text === undefined) throw new Error(`docs/socket-options.md: there is no table ${name}`);
      tables.delete(name);
      return `${begin}\n${text}\n\n${end}`;
    },
  );
  expect([...tables.keys()], 'tables without a place on the page').toEqual([]);
  const options = { ...(await resolveConfig(PAGE)), filepath: PAGE };
  await expect(await format(page, options)).toMatchFileSnapshot(PAGE);
});
