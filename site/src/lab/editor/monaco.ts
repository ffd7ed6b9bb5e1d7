/** Monaco with the few features a lesson needs; loaded at the first file. Tab moves focus after Ctrl+M. */
import { editor as monaco, KeyCode, KeyMod, Uri } from 'monaco-editor/editor';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/caretOperations/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/diffEditor/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/suggest/register';
import 'monaco-editor/features/toggleTabFocusMode/register';
import 'monaco-editor/features/wordHighlighter/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/languages/definitions/cpp/register';
import 'monaco-editor/languages/definitions/ini/register';
import 'monaco-editor/languages/definitions/markdown/register';
import 'monaco-editor/languages/definitions/python/register';
import 'monaco-editor/languages/definitions/shell/register';
import 'monaco-editor/languages/definitions/yaml/register';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
// Monaco's package does not export its one bundled stylesheet, so it is named by its file
import styles from '../../../../node_modules/monaco-editor/min/vs/editor/editor.main.css?url';
import { followTheme } from '../layout/theme.ts';
import { loadStyles } from '../layout/shell.ts';
import { sixDigits } from './colour.ts';
import type { TextBuffer, TextEditor } from './editor.ts';

export interface Monaco extends TextEditor, Disposable {
  /** theirs on the left, mine (editable) on the right. The caller disposes. */
  compare(host: HTMLElement, theirs: string, mine: TextBuffer): Disposable;
}

const OPTIONS = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 13.5,
  lineHeight: 21,
  fontLigatures: false,
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  overviewRulerLanes: 0,
  padding: { top: 10, bottom: 10 },
  tabSize: 4,
  wordWrap: 'off',
  fixedOverflowWidgets: true,
  'semanticHighlighting.enabled': false,
} as const;

/** @param onSave Ctrl+S in the editor */
export async function createMonaco(host: HTMLElement, onSave: () => void): Promise<Monaco> {
  await loadStyles([styles]);
  globalThis.MonacoEnvironment = { getWorker: () => new EditorWorker() };
  const watching = followTheme(paint);
  const fontFamily = getComputedStyle(host).getPropertyValue('--mono') || 'monospace';
  const editor = monaco.create(host, {
    ...OPTIONS,
    fontFamily,
    model: null,
    ariaLabel: 'Editor. Ctrl+M lets Tab leave.',
  });
  editor.addCommand(KeyMod.CtrlCmd | KeyCode.KeyS, onSave);
  const models = new Map<TextBuffer, monaco.ITextModel>();
  const views = new Map<TextBuffer, monaco.ICodeEditorViewState | null>();
  let shown: TextBuffer | null = null;

  return {
    buffer(path, text) {
      const model = monaco.createModel(text, undefined, Uri.file(`/${path}`));
      model.setEOL(monaco.EndOfLineSequence.LF);
      const buffer: TextBuffer = {
        get: () => model.getValue(),
        set: (to) => {
          model.pushStackElement();
          model.pushEditOperations([], [{ range: model.getFullModelRange(), text: to }], () => null);
          model.pushStackElement();
        },
        onChange: (listener) => void model.onDidChangeContent(listener),
        [Symbol.dispose]: () => (models.delete(buffer), views.delete(buffer), model.dispose()),
      };
      models.set(buffer, model);
      return buffer;
    },
    show(buffer) {
      if (shown !== null && models.has(shown)) views.set(shown, editor.saveViewState());
      shown = buffer;
      editor.setModel(models.get(buffer) ?? null);
      editor.restoreViewState(views.get(buffer) ?? null);
    },
    reveal(line) {
      editor.revealLineInCenter(line);
      editor.setPosition({ lineNumber: line, column: 1 });
    },
    focus: () => editor.focus(),
    compare(place, theirs, mine) {
      const original = monaco.createModel(theirs, models.get(mine)?.getLanguageId());
      const diff = monaco.createDiffEditor(place, {
        ...OPTIONS,
        fontFamily,
        originalEditable: false,
        renderSideBySide: place.offsetWidth > 700,
      });
      const modified = models.get(mine);
      if (modified !== undefined) diff.setModel({ original, modified });
      return { [Symbol.dispose]: () => (diff.dispose(), original.dispose()) };
    },
    [Symbol.dispose]: () => (watching[Symbol.dispose](), editor.dispose()),
  };
}

/** The page's tokens as Monaco's colours. */
function paint(tokens: CSSStyleDeclaration, dark: boolean): void {
  const token = (name: string): string => sixDigits(tokens.getPropertyValue(`--${name}`).trim());
  monaco.defineTheme('palestra', {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [],
    colors: {
      'editor.background': token('sheet'),
      'editor.foreground': token('ink'),
      'editorLineNumber.foreground': token('soft'),
      'editor.lineHighlightBackground': token('tint'),
      'editor.lineHighlightBorder': '#00000000',
      'editorWidget.background': token('tint'),
      'editorWidget.border': token('line'),
      focusBorder: token('focus'),
    },
  });
  monaco.setTheme('palestra');
}
