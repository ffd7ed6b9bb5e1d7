import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE, rows, withTable } from './values-table.ts';

describe('values of the chart', () => {
  it('each says what it does, and none without a description is in the schema', () => {
    expect(
      rows()
        .filter(({ does }) => does === '')
        .map(({ path }) => path),
    ).toEqual([]);
    expect(rows().length).toBeGreaterThan(60);
  });
  it('each has a default in values.yaml, and the other way round', () => {
    expect(
      rows()
        .filter(({ value }) => value === undefined)
        .map(({ path }) => path),
    ).toEqual([]);
  });
  it('stand in the page for operators as they are: node infra/chart/values-table.ts writes them there', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(withTable(page)).toBe(page);
  });
  it('bites: a page without the place is refused', () => {
    expect(() => withTable('# A page')).toThrow('no place for the table');
  });
});
