import { parseChallenge, type Challenge } from './challenge';
import { Denied, Problem, problemOf, SignInNeeded } from './problems';

// The page is at ui/, beside everything else, whatever prefix stands before it.
const tokenUrl = '../token';
const pingUrl = '../v2/';

interface Token {
  value: string;
  /** In milliseconds of the browser's clock. */
  until: number;
}

interface Credentials {
  name: string;
  header: string;
}

/**
 * Who looks at the page. The password and the tokens that it is exchanged for are in memory only, and gone when the page is closed or loaded anew.
 * Each scope has a token of its own, asked for when a challenge names it, so that no token can do more than its view needs.
 */
class Session {
  #credentials: Credentials | null = null;
  #tokens = new Map<string, Token>();
  #byTokens = false;
  #listeners = new Set<() => void>();

  /** The account that has signed in; null: nobody has. */
  get name(): string | null {
    return this.#credentials?.name ?? null;
  }

  /** Calls back when somebody signs in or out. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Signs in by name and password. */
  async signIn(name: string, password: string): Promise<void> {
    const credentials = { name, header: `Basic ${toBase64(`${name}:${password}`)}` };
    const answer = await ask(pingUrl, { headers: { Authorization: credentials.header } });
    const challenge = answer.status === 401 ? parseChallenge(answer.headers.get('WWW-Authenticate')) : null;
    if (challenge?.scheme === 'bearer') await this.#fetchToken(challenge, credentials);
    else if (answer.status === 401) throw wrongPassword();
    else if (!answer.ok) throw await problemOf(answer);
    this.#become(credentials, challenge?.scheme === 'bearer');
  }

  signOut(): void {
    this.#become(null, false);
  }

  /**
   * Sends a request as whoever looks at the page, first as he is known, then as the challenge of a 401 asks.
   * @param scope What a token for it is for, as the challenge would say; a token that is there already then saves a request.
   */
  async send(url: string, init: RequestInit, scope: string): Promise<Response> {
    const credentials = this.#credentials;
    const header = this.#known(scope) ?? (credentials && !this.#byTokens ? credentials.header : null);
    const answer = await ask(url, withAuthorization(init, header));
    if (answer.status !== 401) return answer;
    const challenge = parseChallenge(answer.headers.get('WWW-Authenticate'));
    if (challenge?.scheme !== 'bearer') throw credentials ? new Denied() : new SignInNeeded();
    const token = await this.#fetchToken(challenge, credentials, init.signal ?? null);
    const second = await ask(url, withAuthorization(init, `Bearer ${token}`));
    if (second.status !== 401) return second;
    this.#tokens.delete(challenge.scope);
    throw credentials ? new Denied() : new SignInNeeded();
  }

  #become(credentials: Credentials | null, byTokens: boolean): void {
    this.#credentials = credentials;
    this.#byTokens = byTokens;
    this.#tokens.clear();
    for (const listener of this.#listeners) listener();
  }

  #known(scope: string): string | null {
    const token = this.#tokens.get(scope);
    return token && token.until > Date.now() ? `Bearer ${token.value}` : null;
  }

  async #fetchToken(challenge: Challenge & { scheme: 'bearer' }, credentials: Credentials | null, signal: AbortSignal | null = null): Promise<string> {
    const query = new URLSearchParams({ service: challenge.service });
    for (const scope of challenge.scope.split(' ')) if (scope) query.append('scope', scope);
    const answer = await ask(`${tokenUrl}?${query}`, withAuthorization({ signal }, credentials?.header ?? null));
    if (answer.status === 401) throw credentials ? wrongPassword() : new SignInNeeded();
    if (answer.status === 404) throw new Problem(404, '', 'Tokens for this registry come from a service elsewhere, at which this page cannot sign in.');
    if (!answer.ok) throw await problemOf(answer);
    const { token, expires_in: seconds = 60 } = (await answer.json()) as { token: string; expires_in?: number };
    // A little less, for the way.
    if (credentials === this.#credentials) this.#tokens.set(challenge.scope, { value: token, until: Date.now() + (seconds - 20) * 1000 });
    return token;
  }
}

export const session = new Session();

function wrongPassword(): Problem {
  return new Problem(401, 'UNAUTHORIZED', 'Name or password is wrong.');
}

function withAuthorization(init: RequestInit, header: string | null): RequestInit {
  return header === null ? init : { ...init, headers: { ...(init.headers as Record<string, string> | undefined), Authorization: header } };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    // Without credentials of the browser's own it neither adds any nor asks for a password itself.
    return await fetch(url, { ...init, credentials: 'omit' });
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e;
    throw new Problem(0, '', 'The registry cannot be reached.');
  }
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
