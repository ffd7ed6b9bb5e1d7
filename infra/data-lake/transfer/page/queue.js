// @ts-check
/** The page of the queue: asks for queue.json once a second while it is seen, and draws what changed. */

const EVERY_MS = 1000;
const STATES = {
  active: 'on its way',
  waiting: 'waiting',
  finished: 'arrived',
  failed: 'failed',
  canceled: 'canceled',
};

const live = find('live');
const links = find('links');
const files = find('files');
const banned = find('banned');

/** @param {string} id */
function find(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id}`);
  return element;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children text is never parsed as HTML: names of files are other people's
 */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** @param {number} bytes */
function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1000;
    at += 1;
  }
  return `${at === 0 ? Math.round(bytes) : bytes.toPrecision(3)} ${units[at]}`;
}

/** @param {number} rate */
const speed = (rate) => (rate === 0 ? '–' : `${size(rate)}/s`);
/** @param {number} at */
const clock = (at) =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {any} link */
function linkRow(link) {
  const from = make('th', '', link.from);
  from.setAttribute('scope', 'row');
  const number = (/** @type {number} */ n) => make('td', 'number', String(n));
  return make(
    'tr',
    '',
    from,
    make('td', '', link.to),
    number(link.active),
    number(link.waiting),
    number(link.finished),
    number(link.failed),
    make('td', 'number', speed(link.rate)),
  );
}

/** @param {any} file */
function fileRow(file) {
  const state = STATES[/** @type {keyof typeof STATES} */ (file.state)];
  const again = file.attempt > 1 && file.state !== 'finished' ? `, try ${file.attempt}` : '';
  const name = make('td', 'file', make('span', 'name', file.name));
  if (file.reason !== '' && file.state !== 'finished')
    name.append(make('span', file.state === 'failed' ? 'why' : 'why again', file.reason));
  const amount = make(
    'td',
    'number',
    file.size === null ? (file.bytes > 0 ? size(file.bytes) : '–') : size(file.size),
  );
  if (file.state === 'active' && file.size > 0) {
    const bar = document.createElement('progress');
    bar.max = file.size;
    bar.value = file.bytes;
    bar.setAttribute('aria-label', `${file.name}: ${Math.floor((100 * file.bytes) / file.size)} %`);
    amount.append(bar);
  }
  return make(
    'tr',
    '',
    make('td', '', make('span', `pill ${file.state}`, state + again)),
    name,
    make('td', '', file.user),
    make('td', 'way', `${short(file.from)} → ${short(file.to)}`),
    amount,
    make('td', 'number', clock(file.at)),
  );
}

/** @param {string} host */
const short = (host) => host.split('.')[0] ?? host;

/** @param {number} columns @param {string} text */
function empty(columns, text) {
  const cell = make('td', 'none', text);
  cell.setAttribute('colspan', String(columns));
  return make('tr', '', cell);
}

/** @param {any} snapshot */
function draw(snapshot) {
  for (const cell of document.querySelectorAll('[data-sum]')) {
    const name = cell.getAttribute('data-sum') ?? '';
    cell.textContent = name === 'rate' ? speed(snapshot.rate) : String(snapshot[name]);
  }
  links.replaceChildren(
    ...(snapshot.links.length === 0
      ? [empty(7, 'No transfers in the last hour.')]
      : snapshot.links.map(linkRow)),
  );
  files.replaceChildren(
    ...(snapshot.files.length === 0
      ? [empty(6, 'Nothing is queued. Add a rule, and its transfers appear here.')]
      : snapshot.files.map(fileRow)),
  );
  banned.hidden = snapshot.banned.length === 0;
  banned.textContent = snapshot.banned
    .map((/** @type {any} */ one) => `${one.element} is banned: ${one.message}`)
    .join(' · ');
}

/** @param {'done' | 'wait' | 'bad'} look @param {string} text */
function say(look, text) {
  if (live.textContent === text) return;
  live.className = `pill ${look}`;
  live.textContent = text;
}

let last = '';
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch('/queue.json', { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const snapshot = await answer.json();
    // unchanged rows stay: a selection or a screen reader's place is not lost
    const { at: _at, ...rest } = snapshot;
    const now = JSON.stringify(rest);
    if (now !== last) draw(snapshot);
    last = now;
    say('done', 'live');
  } catch (error) {
    say(
      'bad',
      error instanceof Error && error.name === 'TimeoutError' ? 'no answer' : 'the service does not answer',
    );
  }
}

async function forever() {
  for (;;) {
    await look();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}
document.addEventListener('visibilitychange', () => void look());
void forever();
