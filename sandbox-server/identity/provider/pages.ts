/** The pages themselves. Everything shown of a person or a program is escaped by `html`. */
import { PERSONAS, type Account, type Persona } from './accounts.ts';
import { html, Html } from './html.ts';
import { page } from './page.ts';

export interface SignInPage {
  /** where the forms go */
  readonly action: string;
  /** who signed in here last */
  readonly remembered?: Account | undefined;
  /** from login_hint, or what was typed and refused */
  readonly username?: string | undefined;
  readonly name?: string | undefined;
  readonly error?: string | undefined;
}
const NOTE = html`<p class="note">
  <b>Development identity provider.</b> There are no passwords here: whoever reaches this page may be anybody.
  It listens on this machine only; a real IAM is a matter of configuration.
</p>`;

export function signInPage(view: SignInPage): string {
  const { remembered } = view;
  return page(
    'Sign in',
    html`<h1>Sign in</h1>
      ${NOTE}${refusal(view.error)} ${remembered === undefined ? [] : [again(view.action, remembered)]}
      <h2 id="personas">
        ${remembered === undefined ? 'As somebody who is here already' : 'As somebody else'}
      </h2>
      <form method="post" action="${view.action}" aria-labelledby="personas">
        ${PERSONAS.map(personaButton)}
      </form>
      <h2 id="register">With a name of your own</h2>
      <form method="post" action="${view.action}" aria-labelledby="register">
        <label
          >User name
          <span id="rule"
            >Small letters and digits, a letter first. The same name again is the same person.</span
          >
          <input
            type="text"
            name="username"
            value="${view.username ?? ''}"
            required
            maxlength="25"
            pattern="[a-z][a-z0-9]*"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="rule"
            ${view.error === undefined ? '' : invalid()}
        /></label>
        <label
          >Full name <span>May stay empty.</span
          ><input type="text" name="name" value="${view.name ?? ''}" maxlength="100" autocomplete="name"
        /></label>
        <button class="go">Register and sign in</button>
      </form>`,
  );
}

/** `persona`, `account` and `username` are the three fields a sign-in may be posted with; a script posts one of them. */
function personaButton(persona: Persona): Html {
  return html`<button class="persona" name="persona" value="${persona.username}">
    <i aria-hidden="true">${initials(persona.name)}</i><b>${persona.name}</b><span>${persona.who}</span>
  </button>`;
}

function again(action: string, account: Account): Html {
  return html`<form method="post" action="${action}">
    <button class="persona" name="account" value="${account.sub}" autofocus>
      <i aria-hidden="true">${initials(account.name)}</i><b>Continue as ${account.name}</b
      ><span>${account.username}</span>
    </button>
  </form>`;
}

export function consentPage(view: {
  action: string;
  client: string;
  account: string;
  scopes: readonly string[];
}): string {
  return page(
    'Allow access',
    html`<h1>Allow ${view.client}?</h1>
      ${NOTE}
      <p>${view.client} asks to act for <b>${view.account}</b> with:</p>
      <ul>
        ${view.scopes.map((scope) => html`<li><code>${scope}</code></li>`)}
      </ul>
      <form method="post" action="${view.action}">
        <div class="row">
          <button class="go" name="consent" value="yes">Allow</button
          ><button class="ghost" name="consent" value="no">Refuse</button>
        </div>
      </form>`,
  );
}

export function messagePage(title: string, sentence: string): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${sentence}</p>
      <p><a class="button ghost" href="/">Back to Palestra</a></p>`,
  );
}

/** @param form oidc-provider's own form, with its secret: it has no button */
export function deviceCodePage(form: string, error: string | undefined): string {
  const field = new Html(
    form.replace('</form>', '<button class="go" type="submit">Continue</button></form>'),
  );
  return page(
    'Connect a device',
    html`<h1>Connect a device</h1>
      ${NOTE}${refusal(error)}
      <p>Type the code that your device or terminal shows.</p>
      ${field}`,
  );
}

export function deviceConfirmPage(form: string, client: string, code: string): string {
  const buttons =
    '<div class="row"><button class="go" type="submit">It is mine: continue</button><button class="ghost" type="submit" name="abort" value="yes">Abort</button></div></form>';
  const field = new Html(form.replace('</form>', buttons));
  return page(
    'Connect a device',
    html`<h1>Is this your code?</h1>
      ${NOTE}
      <p>${client} shows:</p>
      <p class="code"><code>${code}</code></p>
      ${field}`,
  );
}

function refusal(error: string | undefined): readonly Html[] {
  return error === undefined ? [] : [html`<p class="error" role="alert">${error}</p>`];
}
function invalid(): Html {
  return html`aria-invalid="true" autofocus`;
}
function initials(name: string): string {
  const words = name.split(' ').filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}
