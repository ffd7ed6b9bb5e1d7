/** The steps of a sign-in that a person sees: who they are, and, for programs not ours, whether they agree. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import { z } from 'zod';
import { PERSONAS, Registration, type Account, type Accounts } from './accounts.ts';
import { consentPage, messagePage, signInPage } from './pages.ts';
import { pageHeaders } from './page.ts';

/** A form of ours is some hundred bytes. */
const LONGEST_FORM = 8 * 1024;
const EXPIRED = 'This sign-in has expired, or it belongs to another browser. Go back and sign in again.';

/** What the sign-in form (or a script) posts: exactly one of `persona`, `account`, `username`. */
const SignIn = z.union([
  z.object({ persona: z.string() }).transform(({ persona }) => PERSONAS.find((p) => p.username === persona)),
  z.object({ account: z.string() }),
  z.object({ username: z.string(), name: z.string().optional() }),
]);

export interface Interactions {
  /** GET shows, POST decides. Bound to the browser by oidc-provider's cookie: without it nothing happens (CSRF). */
  handle(req: IncomingMessage, res: ServerResponse, uid: string): Promise<void>;
}

export function interactions(provider: Provider, accounts: Accounts): Interactions {
  return {
    async handle(req, res, uid) {
      const interaction = await theirs(provider, req, res);
      if (interaction?.uid !== uid) return say(res, 400, messagePage('Sign in again', EXPIRED));
      const action = req.method === 'POST' ? decide : show;
      return action({ provider, accounts, req, res, interaction });
    },
  };
}

interface Step {
  readonly provider: Provider;
  readonly accounts: Accounts;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly interaction: Interaction;
}

async function show(step: Step): Promise<void> {
  const { provider, accounts, res, interaction } = step;
  const action = pathOf(step);
  if (interaction.prompt.name === 'consent') {
    const client = await provider.Client.find(clientId(interaction));
    const account = accounts.find(interaction.session?.accountId ?? '');
    const view = {
      action,
      client: client?.clientName ?? clientId(interaction),
      account: account?.name ?? '',
      scopes: missing(interaction),
    };
    return say(res, 200, consentPage(view), targets(interaction));
  }
  const remembered = accounts.find(interaction.session?.accountId ?? '');
  const hint = Registration.shape.username.safeParse(interaction.params.login_hint).data;
  say(res, 200, signInPage({ action, remembered, username: hint }), targets(interaction));
}

async function decide(step: Step): Promise<void> {
  const form = await formOf(step.req);
  if (form === null)
    return say(step.res, 413, messagePage('Too long', 'That form is longer than any of ours.'));
  return step.interaction.prompt.name === 'consent' ? consent(step, form) : signIn(step, form);
}

async function signIn(step: Step, form: Record<string, string>): Promise<void> {
  const { provider, req, res, interaction } = step;
  const who = chosen(step, form);
  if ('error' in who) {
    const view = { action: pathOf(step), username: form.username, name: form.name, error: who.error };
    return say(res, 422, signInPage(view), targets(interaction));
  }
  await forgetOther(provider, interaction, who.account);
  await provider.interactionFinished(
    req,
    res,
    { login: { accountId: who.account.sub, amr: ['pwd'] } },
    { mergeWithLastSubmission: false },
  );
}

function chosen(
  { accounts, interaction }: Step,
  form: Record<string, string>,
): { account: Account } | { error: string } {
  const posted = SignIn.safeParse(form).data;
  if (posted === undefined) return { error: 'Choose somebody, or type a user name.' };
  if ('sub' in posted) return { account: posted };
  if ('account' in posted) {
    const known =
      posted.account === interaction.session?.accountId ? accounts.find(posted.account) : undefined;
    return known === undefined
      ? { error: 'You are not signed in here any more. Choose again.' }
      : { account: known };
  }
  const registration = Registration.safeParse(posted);
  if (!registration.success)
    return {
      error:
        'A user name has 1 to 25 small letters and digits and begins with a letter; a full name has at most 100 characters.',
    };
  const account = accounts.register(registration.data);
  return account === null
    ? { error: 'That user name belongs to somebody above: click them, or take another.' }
    : { account };
}

async function consent(step: Step, form: Record<string, string>): Promise<void> {
  const { provider, req, res, interaction } = step;
  if (form.consent !== 'yes') {
    return provider.interactionFinished(
      req,
      res,
      { error: 'access_denied', error_description: 'the person refused' },
      { mergeWithLastSubmission: false },
    );
  }
  const accountId = interaction.session?.accountId ?? '';
  const existing =
    interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId);
  const grant = existing ?? new provider.Grant({ accountId, clientId: clientId(interaction) });
  grant.addOIDCScope(missing(interaction).join(' '));
  await provider.interactionFinished(
    req,
    res,
    { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true },
  );
}

/** oidc-provider would first sign the other one out through a page that needs a script. */
async function forgetOther(provider: Provider, interaction: Interaction, account: Account): Promise<void> {
  const { session } = interaction;
  if (session === undefined || session.accountId === undefined || session.accountId === account.sub) return;
  await (await provider.Session.findByUid(session.uid))?.destroy();
  delete interaction.session;
  await interaction.persist();
}

/** null where the browser has no cookie for a sign-in, or it is over */
async function theirs(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction | null> {
  try {
    return await provider.interactionDetails(req, res);
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return null;
    throw error;
  }
}

async function formOf(req: IncomingMessage): Promise<Record<string, string> | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_FORM) return null;
    chunks.push(chunk);
  }
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

function missing(interaction: Interaction): readonly string[] {
  const asked = z.array(z.string()).safeParse(interaction.prompt.details.missingOIDCScope).data;
  return asked ?? textOf(interaction.params.scope).split(' ');
}
function clientId(interaction: Interaction): string {
  return textOf(interaction.params.client_id);
}
function textOf(parameter: unknown): string {
  return typeof parameter === 'string' ? parameter : '';
}
function targets(interaction: Interaction): readonly string[] {
  const { redirect_uri: redirect } = interaction.params;
  return typeof redirect === 'string' && URL.canParse(redirect) ? [new URL(redirect).origin] : [];
}
function pathOf({ provider, interaction }: Step): string {
  return interactionPath(provider.issuer, interaction.uid);
}
export function interactionPath(issuer: string, uid: string): string {
  return `${new URL(issuer).pathname.replace(/\/$/, '')}/interaction/${uid}`;
}
function say(res: ServerResponse, status: number, body: string, formTargets: readonly string[] = []): void {
  res.writeHead(status, pageHeaders(formTargets)).end(body);
}
