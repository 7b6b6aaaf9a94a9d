/** A request that was refused or failed, with a text for people. */
export class Problem extends Error {
  constructor(
    /** The status of the answer; 0 when there was none. */
    readonly status: number,
    /** The code for programs; empty when there was none. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody has signed in, and somebody must. */
export class SignInNeeded extends Problem {
  constructor() {
    super(401, 'UNAUTHORIZED', 'Sign in to see this.');
  }
}

/** Who has signed in may not do this. */
export class Denied extends Problem {
  constructor(detail = 'Your account has no right to do this.') {
    super(403, 'DENIED', detail);
  }
}

/** Reads what an answer refuses: problem+json of the API, or the errors of the registry protocol. */
export async function problemOf(answer: Response): Promise<Problem> {
  const text = await answer.text();
  const { code, detail } = read(text);
  if (answer.status === 403) return new Denied(detail && `Refused: ${detail}.`);
  const wait = answer.headers.get('Retry-After');
  if (answer.status === 429) return new Problem(429, code, `Too many attempts.${wait ? ` Try again in ${wait} seconds.` : ''}`);
  return new Problem(answer.status, code, detail ? `The registry answers: ${detail}.` : `The registry answers with status ${answer.status}.`);
}

function read(text: string): { code: string; detail?: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Something between the registry and this page has answered, not the registry.
    return { code: '' };
  }
  const own = body as { code?: unknown; detail?: unknown; errors?: { code?: unknown; message?: unknown }[] } | null;
  const first = Array.isArray(own?.errors) && typeof own.errors[0] === 'object' ? own.errors[0] : undefined;
  const code = typeof own?.code === 'string' ? own.code : typeof first?.code === 'string' ? first.code : '';
  const detail = typeof own?.detail === 'string' ? own.detail : typeof first?.message === 'string' ? first.message : undefined;
  return detail === undefined ? { code } : { code, detail };
}
