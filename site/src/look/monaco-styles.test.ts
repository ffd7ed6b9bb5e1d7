import { describe, expect, it } from 'vitest';
import { isMonacoStyle, monacoStyles } from './monaco-styles.ts';

describe('the styles of Monaco', () => {
  it.each([
    ['/x/node_modules/monaco-editor/esm/vs/base/browser/ui/list/list.css', true],
    ['/x/node_modules/monaco-editor/min/vs/editor/editor.main.css?url', false],
    ['/x/node_modules/monaco-editor/min/vs/editor/editor.main.css', false],
    ['/x/node_modules/monaco-editor/esm/vs/editor/editor.main.js', false],
    ['/x/node_modules/@xterm/xterm/css/xterm.css', false],
    ['/x/site/src/look/lesson.css', false],
  ])('%s is one of them: %s', (id, wanted) => {
    expect(isMonacoStyle(id)).toBe(wanted);
    expect(monacoStyles().load(id)).toBe(wanted ? '' : undefined);
  });
});
