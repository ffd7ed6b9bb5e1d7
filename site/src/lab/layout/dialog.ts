/** Questions in a modal <dialog>: focus is kept inside and goes back where it was; Esc is no. */

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  /** the yes is red: something is lost by it */
  readonly loses?: boolean;
  /** a link between the two, e.g. a download before an end */
  readonly also?: { readonly label: string; readonly href: string; readonly download: string };
}

/** @returns whether the person said yes */
export async function ask(question: Question): Promise<boolean> {
  return (await show(question, null)) !== null;
}

/** @returns the text given; null: cancelled. @param problem says why a text will not do, or null */
export function askFor(
  question: Question,
  value: string,
  problem: (text: string) => string | null,
): Promise<string | null> {
  return show(question, { value, problem });
}

function show(
  question: Question,
  entry: { value: string; problem: (text: string) => string | null } | null,
): Promise<string | null> {
  const dialog = element('dialog', { className: 'lab-dialog' });
  const form = element('form', { method: 'dialog' });
  const title = element('h2', { textContent: question.title, id: `lab-dialog-${String(Date.now())}` });
  const input = element('input', { type: 'text', value: entry?.value ?? '', autocomplete: 'off' });
  const wrong = element('p', { className: 'lab-wrong' });
  wrong.setAttribute('role', 'alert');
  input.setAttribute('aria-label', question.title);
  dialog.setAttribute('aria-labelledby', title.id);
  form.append(
    title,
    element('p', { textContent: question.text }),
    ...(entry === null ? [] : [input, wrong]),
    buttons(question),
  );
  dialog.append(form);
  document.body.append(dialog);
  form.addEventListener('submit', (event) => {
    const says =
      (event.submitter as HTMLButtonElement | null)?.value === 'no'
        ? null
        : (entry?.problem(input.value.trim()) ?? null);
    if (says === null) return;
    event.preventDefault();
    wrong.textContent = says;
  });
  dialog.showModal();
  input.select();
  return new Promise((done) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue === 'yes' ? input.value.trim() : null);
    });
  });
}

function buttons(question: Question): HTMLElement {
  const row = element('div', { className: 'lab-dialog-buttons' });
  const no = element('button', {
    value: 'no',
    textContent: question.no,
    className: 'quiet',
    formNoValidate: true,
  });
  const yes = element('button', {
    value: 'yes',
    textContent: question.yes,
    className: question.loses === true ? 'loses' : 'run',
  });
  if (question.also !== undefined)
    row.append(
      element('a', {
        href: question.also.href,
        textContent: question.also.label,
        download: question.also.download,
      }),
    );
  // Enter submits with the first submit button of a form: the yes comes first, order by CSS
  row.append(yes, no);
  return row;
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), properties);
}
