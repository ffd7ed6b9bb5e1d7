/** The little that a lesson page carries before *Start*: who is here, what the button does. The rest comes on the click. */
import { session } from '../frame/session.ts';
import type { Me } from '../../../sandbox-server/contract/api.ts';

const host = document.querySelector<HTMLElement>('#lab');
const button = document.querySelector<HTMLButtonElement>('button.start');
const says = document.querySelector<HTMLElement>('#lab-says');
const asked = new URLSearchParams(location.search).has('start');
const RUNNING = ['queued', 'preparing', 'claiming', 'filling', 'ready'];
const LOGIN_TRIED = 'palestra.login';

function say(words: string): void {
  if (says) says.textContent = words;
}

async function prepare(host: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const answer = await session();
  if (answer === null)
    return say(
      'Labs are not available here: this is the static edition. Everything on this page can be read without them.',
    );
  if (answer.authoring) await (await import('../authoring/follow.ts')).follow(host, answer.me);
  button.hidden = false;
  if (answer.me === null) return offerLogin(button, answer.provider);
  const { me } = answer;
  button.onclick = () => void open(host, button, me);
  if (asked || (await isRunning(host.dataset))) await open(host, button, me);
}

/** With `?start` straight to the sign-in, but once: a login that was refused comes back here to be read. */
function offerLogin(button: HTMLButtonElement, provider: string): void {
  const login = (): void =>
    location.assign(`/auth/login?next=${encodeURIComponent(`${location.pathname}?start`)}`);
  button.onclick = login;
  say(`You will be asked to sign in${provider === '' ? '' : ` with ${provider}`}.`);
  if (!asked || sessionStorage.getItem(LOGIN_TRIED) !== null) return;
  sessionStorage.setItem(LOGIN_TRIED, '1');
  login();
}

/** A guide shares its lab with others: only where it was left in this one the workspace comes by itself. */
async function isRunning({ course, lesson, place }: DOMStringMap): Promise<boolean> {
  const answer = await fetch('/api/labs');
  if (!answer.ok) return false;
  const labs = (await answer.json()) as { course: string; lesson: string; state: string }[];
  return labs.some(
    (lab) =>
      lab.course === course && (place !== 'below' || lab.lesson === lesson) && RUNNING.includes(lab.state),
  );
}

async function open(host: HTMLElement, button: HTMLButtonElement, me: Me): Promise<void> {
  sessionStorage.removeItem(LOGIN_TRIED);
  button.disabled = true;
  say('Opening the lab…');
  try {
    const { openLab } = await import('./open.ts');
    await openLab(host, me);
    say('');
  } catch (error) {
    say(`The lab did not open: ${error instanceof Error ? error.message : 'reload the page and try again.'}`);
    button.disabled = false;
    // a failure of ours belongs in the console with its stack
    throw error;
  }
}

if (host !== null && button !== null) void prepare(host, button);
