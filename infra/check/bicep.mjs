// The Bicep compiler as one process for all questions: a start takes seconds, an answer tenths of one.
import { spawn } from 'node:child_process';

// What parameter files read, in place of whatever this machine has. The ids are nobody's.
export const ENVIRONMENT = {
  AZURE_ENV_NAME: 'example',
  AZURE_LOCATION: 'westeurope',
  AZURE_PRINCIPAL_ID: '00000000-0000-0000-0000-00000000000a',
  AZURE_PRINCIPAL_TYPE: '',
  REGISTRY_ALERT_EMAIL: 'operator@example.com',
  REGISTRY_CONTAINER_IMAGE: 'ghcr.io/example/registry:1',
  REGISTRY_CUSTOM_DOMAIN: 'registry.example.com',
  REGISTRY_OPERATOR_ID: '00000000-0000-0000-0000-00000000000b',
};

// The process lives for a minute and compiles all the time: collecting profiles and garbage costs it half of its speed.
const FAST = { DOTNET_TieredPGO: '0', DOTNET_gcConcurrent: '0', DOTNET_GCgen0size: '0x8000000' };

const WHERE = {
  tenantId: '00000000-0000-0000-0000-000000000001',
  subscriptionId: '00000000-0000-0000-0000-000000000002',
  resourceGroup: 'registry',
  location: 'westeurope',
  deploymentName: 'registry',
};

export class Bicep {
  #process;
  #answers = new Map();
  #last = 0;
  #received = Buffer.alloc(0);

  constructor(executable) {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AZURE|REGISTRY)_/.test(name)));
    this.#process = spawn(executable, ['jsonrpc', '--stdio'], { env: { ...own, ...FAST, ...ENVIRONMENT }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdout.on('data', data => this.#read(data));
    const end = why => this.#answers.forEach(({ refuse }) => refuse(new Error(why)));
    this.#process.on('error', error => end(`the compiler did not start: ${error.message}`));
    this.#process.stdin.on('error', error => end(`the compiler does not listen: ${error.message}`));
    this.#process.on('exit', code => end(`the compiler ended with ${code}`));
  }

  end() {
    this.#process.stdin.end();
  }

  // { contents, diagnostics }; contents is the template as JSON, null when there are errors.
  async compile(file) {
    const isParameters = file.endsWith('.bicepparam');
    const answer = await this.#ask(isParameters ? 'bicep/compileParams' : 'bicep/compile', { path: file, parameterOverrides: {} });
    return { contents: answer.contents ?? null, diagnostics: answer.diagnostics };
  }

  async format(file) {
    return (await this.#ask('bicep/format', { path: file })).contents;
  }

  // What a deployment of a parameter file would make, as far as that can be told without Azure: what `bicep snapshot` says, in an order that is always the same.
  async snapshot(file, isForSubscription) {
    const metadata = isForSubscription ? { ...WHERE, resourceGroup: null } : WHERE;
    const { snapshot } = await this.#ask('bicep/getSnapshot', { path: file, metadata, externalInputs: null });
    const made = sorted(JSON.parse(snapshot));
    made.predictedResources.sort((a, b) => (a.id < b.id ? -1 : 1));
    return `${JSON.stringify(made, null, 2)}\n`;
  }

  #ask(method, parameters) {
    const id = ++this.#last;
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params: parameters });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return new Promise((answer, refuse) => this.#answers.set(id, { answer, refuse }));
  }

  #read(data) {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const head = this.#received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const end = head + 4 + Number(/Content-Length: (\d+)/i.exec(this.#received.toString('utf8', 0, head))[1]);
      if (this.#received.length < end) return;
      const message = JSON.parse(this.#received.toString('utf8', head + 4, end));
      this.#received = this.#received.subarray(end);
      const waiting = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (message.error) waiting.refuse(new Error(message.error.data?.message ?? message.error.message));
      else waiting.answer(message.result);
    }
  }
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]));
}
