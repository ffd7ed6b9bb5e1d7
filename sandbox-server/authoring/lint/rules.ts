/** Every rule of lint by name: what it asks, why, and how much it weighs where nothing softens it. */
import type { Level } from './finding.ts';

interface Rule {
  readonly level: Level;
  /** what is asked of an author */
  readonly asks: string;
  /** what goes wrong otherwise */
  readonly why: string;
}

export const RULES = {
  format: {
    level: 'error',
    asks: 'The course is written in the course format.',
    why: 'What the catalogue cannot read, no learner can open.',
  },
  'dead-link': {
    level: 'error',
    asks: 'Links, anchors and pictures lead somewhere.',
    why: 'Public lessons point to pages and files that are no longer there, sometimes for years.',
  },
  'link-form': {
    level: 'warning',
    asks: 'An address is written as the site answers it.',
    why: 'An address without its final slash costs a redirect; one of another kind opens nothing.',
  },
  'unchecked-step': {
    level: 'error',
    asks: 'A step that changes something checks what became of it.',
    why: 'Without a check a mistake is noticed steps later, where nobody can tell what went wrong.',
  },
  'cells-need-jupyterlab': {
    level: 'error',
    asks: 'A lesson of cells has a kit with JupyterLab and ipykernel.',
    why: 'Cells run in a kernel of the sandbox’s own JupyterLab; without one nobody can do the step.',
  },
  'missing-translation': {
    level: 'warning',
    asks: 'What is translated is translated throughout a course.',
    why: 'A learner who reads Italian should not be told in English why a check is not content.',
  },
  'unknown-message': {
    level: 'error',
    asks: 'A message that a check names stands in messages.yaml.',
    why: 'The learner would see its bare name.',
  },
  'untested-hint': {
    level: 'warning',
    asks: 'A hint is named by a check or a wrong, or has after, when or unproven.',
    why: 'Nobody ever sees it, and nobody notices when it becomes untrue.',
  },
  'one-machine': {
    level: 'warning',
    asks: 'Commands name no host, person or home folder of one machine.',
    why: 'They work for their author alone.',
  },
  insecure: {
    level: 'warning',
    asks: 'Commands do not switch security off.',
    why: 'Shortcuts in lessons become habits.',
  },
  'alt-text': {
    level: 'error',
    asks: 'A picture says in words what it shows.',
    why: 'Who cannot see it, or whose network is slow, learns nothing from it.',
  },
  'heading-order': {
    level: 'warning',
    asks: 'Headings go down one level at a time.',
    why: 'Screen readers move by headings; a gap looks like a missing part.',
  },
  'unknown-language': {
    level: 'warning',
    asks: 'A code block is in a language that the site highlights.',
    why: 'The page shows it as plain text, usually because of a slip in the name.',
  },
  'shell-syntax': {
    level: 'error',
    asks: 'Shell in a lesson is shell.',
    why: 'bash refuses it before it runs a single line.',
  },
  placeholder: {
    level: 'warning',
    asks: 'Placeholders are written in CAPITALS, and only in examples.',
    why: 'A placeholder that looks like a command is copied and run; <name> is a redirection.',
  },
  draft: {
    level: 'warning',
    asks: 'What import drafted has been reviewed.',
    why: 'A draft check says nothing true yet.',
  },
  silence: {
    level: 'warning',
    asks: 'A lint-ok comment names a rule and says why.',
    why: 'A rule silenced without a reason is a rule forgotten.',
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;
export const RULE_IDS = Object.keys(RULES) as RuleId[];
