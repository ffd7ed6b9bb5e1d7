/** The little that a lesson page carries before *Start*: who is here, what the button does. The rest comes on the click. */
import { session } from '../frame/session.ts';
import type { Me } from '../../../sandbox-server/contract/api.ts';
import { spoken } from './words/language.ts';

/** Here and not in a table of `words/`: this is all that a page carries before *Start*. */
const WORDS = spoken({
  en: {
    none: 'Labs are not available here: this is the static edition. Everything on this page can be read without them.',
    login: (provider: string) => `You will be asked to sign in${provider === '' ? '' : ` with ${provider}`}.`,
    opening: 'Opening the lab…',
    notOpened: 'The lab did not open: ',
    again: 'reload the page and try again.',
  },
  it: {
    none: 'Qui i laboratori non ci sono: questa è l’edizione statica. Tutto in questa pagina si legge anche senza.',
    login: (provider: string) => `Ti verrà chiesto di accedere${provider === '' ? '' : ` con ${provider}`}.`,
    opening: 'Apro il laboratorio…',
    notOpened: 'Il laboratorio non si è aperto: ',
    again: 'ricarica la pagina e riprova.',
  },
});

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
  if (answer === null) return say(WORDS.none);
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
  say(WORDS.login(provider));
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
  say(WORDS.opening);
  try {
    const { openLab } = await import('./open.ts');
    await openLab(host, me);
    say('');
  } catch (error) {
    say(`${WORDS.notOpened}${error instanceof Error ? error.message : WORDS.again}`);
    button.disabled = false;
    // a failure of ours belongs in the console with its stack
    throw error;
  }
}

if (host !== null && button !== null) void prepare(host, button);
