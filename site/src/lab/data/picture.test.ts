import { describe, expect, it } from 'vitest';
import { EXTENT, dots, isInside, project } from './italy.ts';
import { RADIUS, pictureOf } from './picture.ts';
import { did, element, lake, transfer } from './testing/lakes.ts';

const nodeAt = (picture: ReturnType<typeof pictureOf>, site: string) => {
  const found = picture.nodes.find((node) => node.site === site);
  if (found === undefined) throw new Error(`no ${site}`);
  return found;
};

describe('the country', () => {
  it('is a few hundred dots inside its frame, with the sea where the sea is', () => {
    const all = dots();
    expect(all.length).toBeGreaterThan(300);
    expect(all.length).toBeLessThan(900);
    expect(all.every(isInside)).toBe(true);
    const near = (at: { x: number; y: number }) => all.some(({ x, y }) => Math.hypot(x - at.x, y - at.y) < 7);
    expect(near(project([11.34, 44.5]))).toBe(true); // Bologna
    expect(near(project([9.1, 40]))).toBe(true); // Sardinia
    expect(near(project([14.2, 37.5]))).toBe(true); // Sicily
    expect(near(project([11.5, 40]))).toBe(false); // Tyrrhenian Sea
    expect(near(project([15.5, 44]))).toBe(false); // Adriatic
  });
});

describe('the picture of all files', () => {
  it('puts the lake’s own elements where one looks for them, apart from each other', () => {
    const picture = pictureOf(lake({}), null);
    const [cnaf, napoli, archive] = ['CNAF', 'NAPOLI', 'ARCHIVE'].map((site) => nodeAt(picture, site));
    if (cnaf === undefined || napoli === undefined || archive === undefined) throw new Error('nodes');
    expect(picture.onMap).toBe(true);
    expect(cnaf.y).toBeLessThan(napoli.y);
    expect(archive.x).toBeLessThan(napoli.x);
    expect(archive.tape).toBe(true);
    for (const node of picture.nodes) {
      expect(node.x).toBeGreaterThan(RADIUS);
      expect(node.x).toBeLessThan(EXTENT.width - RADIUS);
    }
  });
  it('shows how many files lie where and how full the quota is', () => {
    const elements = [
      element('CNAF_USERDISK', { files: 3, quota: { used: 25, limit: 50 } }),
      element('NAPOLI_USERDISK', { quota: { used: 99, limit: 50 } }),
      element('ARCHIVE_USERDISK', { quota: { used: 7, limit: null } }),
    ];
    const { nodes, words } = pictureOf(lake({ elements }), null);
    expect(nodes.map(({ text, quota }) => [text, quota])).toEqual([
      ['3', 0.5],
      ['0', 1],
      ['0', null],
    ]);
    expect(words).toBe('All your files. CNAF: 3 files; NAPOLI: 0 files; ARCHIVE: 0 files.');
  });
  it('draws elements nobody has heard of in a ring; with their degrees where they lie in the country', () => {
    const strange = ['DESY', 'CERN', 'RAL', 'BNL'].map((site) => element(`${site}_DISK`));
    const ring = pictureOf(lake({ elements: strange }), null);
    expect(ring.onMap).toBe(false);
    for (const node of ring.nodes) expect(isInside(node)).toBe(true);
    const known = [
      element('TORINO_DISK', { longitude: 7.68, latitude: 45.07 }),
      element('BARI_DISK', { longitude: 16.87, latitude: 41.12 }),
    ];
    expect(pictureOf(lake({ elements: known }), null).onMap).toBe(true);
    // two in one city would cover each other
    const close = [...known, element('BARI2_DISK', { longitude: 16.9, latitude: 41.1 })];
    expect(pictureOf(lake({ elements: close }), null).onMap).toBe(false);
  });
  it('one element alone stands in the middle, none at all draws nothing', () => {
    expect(pictureOf(lake({ elements: [element('X')] }), null).nodes[0]).toMatchObject({
      x: EXTENT.width / 2,
      y: EXTENT.height / 2,
    });
    expect(pictureOf(lake({ elements: [] }), null)).toMatchObject({ nodes: [], arcs: [] });
  });
});

describe('the picture of one file', () => {
  const copies = [
    { element: 'CNAF_USERDISK', state: 'here', have: 1, of: 1 },
    { element: 'NAPOLI_USERDISK', state: 'copying', have: 0, of: 1 },
  ] as const;
  const file = did('run42.root', { copies: [...copies] });

  it('says where it is, where it is going and how far that is, also in words', () => {
    const picture = pictureOf(lake({ dids: [file], transfers: [transfer()] }), file);
    expect(picture.nodes.map(({ site, tone, text }) => [site, tone, text])).toEqual([
      ['CNAF', 'here', '✓'],
      ['NAPOLI', 'copying', '38%'],
      ['ARCHIVE', 'rest', '–'],
    ]);
    expect(picture.words).toBe(
      'run42.root. CNAF: copy; NAPOLI: on its way. On their way: run42.root from CNAF to NAPOLI, 0.4 of 1.0 kB.',
    );
    expect(picture.arcs).toHaveLength(1);
    expect(picture.arcs[0]?.path).toMatch(/^M[\d.]+ [\d.]+Q[\d.-]+ [\d.-]+ [\d.]+ [\d.]+$/);
  });
  it('leaves out what other files do, and a way from nowhere', () => {
    const data = lake({
      dids: [file],
      transfers: [transfer({ name: 'another' }), transfer({ id: '2', from: 'elsewhere.example' })],
    });
    expect(pictureOf(data, file).arcs).toEqual([]);
    expect(pictureOf(data, null).arcs).toHaveLength(1);
  });
  it('there and back are two ways, of the same way one is drawn', () => {
    const back = transfer({ id: '3', from: 'NAPOLI_USERDISK', to: 'CNAF_USERDISK' });
    const { arcs } = pictureOf(lake({ transfers: [transfer(), transfer({ id: '2' }), back] }), null);
    expect(arcs).toHaveLength(2);
    expect(arcs[0]?.path).not.toBe(arcs[1]?.path);
  });
  it('damaged, away, leaving: each its own sign', () => {
    const signs = (['bad', 'away', 'leaving'] as const).map((state) => {
      const one = did('x', { copies: [{ element: 'CNAF_USERDISK', state, have: 0, of: 1 }] });
      return nodeAt(pictureOf(lake({ dids: [one] }), one), 'CNAF').text;
    });
    expect(signs).toEqual(['!', '◌', '⌫']);
  });
  it('of a dataset: how many of its files', () => {
    const set = did('lab.v1', {
      kind: 'dataset',
      copies: [
        { element: 'CNAF_USERDISK', state: 'here', have: 3, of: 3 },
        { element: 'NAPOLI_USERDISK', state: 'here', have: 2, of: 3 },
      ],
    });
    const picture = pictureOf(lake({ dids: [set] }), set);
    expect([nodeAt(picture, 'CNAF').text, nodeAt(picture, 'NAPOLI').text]).toEqual(['✓', '2/3']);
    expect(picture.words).toContain('NAPOLI: 2 of 3 files');
  });
});
