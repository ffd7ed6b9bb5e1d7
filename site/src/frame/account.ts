/** Fills the header's account: a way in, or the person's mark with their menu. Built from text nodes only. */
import type { Me } from '../../../sandbox-server/contract/api.ts';
import { initials } from './initials.ts';
import { session } from './session.ts';

export async function fillAccount(place: HTMLElement): Promise<void> {
  const answer = await session();
  if (answer === null) return;
  place.replaceChildren(...(answer.me === null ? [wayIn(place)] : person(answer.me, place)));
}

function wayIn(place: HTMLElement): HTMLElement {
  const link = document.createElement('a');
  link.className = 'ghost';
  link.href = `/auth/login?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = place.dataset['signIn'] ?? '';
  return link;
}

function person(me: Me, place: HTMLElement): HTMLElement[] {
  const menu = document.createElement('div');
  menu.className = 'who-menu';
  menu.id = `who-${String(document.querySelectorAll('.who').length)}`;
  menu.popover = 'auto';
  const name = document.createElement('p');
  name.textContent = me.name;
  menu.append(name, labs(place), wayOut(place));
  const mark = document.createElement('button');
  mark.className = 'who';
  mark.type = 'button';
  mark.textContent = initials(me.name);
  mark.title = me.name;
  mark.popoverTargetElement = menu;
  return [mark, menu];
}

function labs(place: HTMLElement): HTMLElement {
  const link = document.createElement('a');
  link.href = '/my-labs/';
  link.textContent = place.dataset['labs'] ?? '';
  return link;
}

function wayOut(place: HTMLElement): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = place.dataset['signOut'] ?? '';
  button.addEventListener('click', () => void leave());
  return button;
}

async function leave(): Promise<void> {
  await fetch('/auth/logout', { method: 'POST', headers: { 'x-palestra': '1' } });
  location.reload();
}
