import { describe, expect, it } from 'vitest';
import { startOfRoot } from '../../../lib/metadata/prolog';

describe('the root of a document', () => {
  it.each([
    ['', '<Edmx/>'],
    ['\ufeff', '<Edmx/>'],
    ['<?xml version="1.0"?>\r\n', '<Edmx/>'],
    ['<!-- a --> \n<?style x?><!-- <html> --><!---->', '<!DOCTYPE html>'],
    ['<!-- a ', ''],
    ['  ', ''],
  ])('begins behind %j', (before, rest) => {
    const text = before + rest;
    expect(text.slice(startOfRoot(text))).toBe(rest);
  });

  it('begins behind any number of comments', () => {
    const comments = '<!--a-->'.repeat(100_000);
    expect(startOfRoot(`${comments}<Edmx/>`)).toBe(comments.length);
  });
});
