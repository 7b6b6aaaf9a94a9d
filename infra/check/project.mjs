// The files of the project and what the compiler says of them. Each is asked for once.
import fs from 'node:fs';
import path from 'node:path';

export class Project {
  #compiled = new Map();
  #snapshots = new Map();

  constructor(root, bicep) {
    this.root = root;
    this.bicep = bicep;
    this.infra = path.join(root, 'infra');
  }

  path = name => path.join(this.root, name);
  exists = name => fs.existsSync(this.path(name));
  read = name => fs.readFileSync(this.path(name), 'utf8');
  json = name => JSON.parse(this.read(name));

  // Names below infra/, of templates or of parameter files.
  files(extension) {
    return ['', 'modules', 'variants'].flatMap(folder => {
      const full = path.join(this.infra, folder);
      return fs.existsSync(full) ? fs.readdirSync(full).filter(name => name.endsWith(extension)).sort().map(name => path.join(folder, name)) : [];
    });
  }

  templates = () => this.files('.bicep');
  parameterFiles = () => this.files('.bicepparam');
  text = name => this.read(path.join('infra', name));

  // { template, diagnostics }
  compile(name) {
    return this.#once(this.#compiled, name, async () => {
      const { contents, diagnostics } = await this.bicep.compile(path.join(this.infra, name));
      return { template: contents && !name.endsWith('.bicepparam') ? JSON.parse(contents) : null, contents, diagnostics };
    });
  }

  async template(name) {
    return (await this.compile(name)).template;
  }

  snapshot(name) {
    return this.#once(this.#snapshots, name, () => this.bicep.snapshot(path.join(this.infra, name), name === 'subscription.bicepparam').catch(error => { throw new Error(`${name}: ${error.message}`); }));
  }

  #once(map, name, make) {
    if (!map.has(name)) map.set(name, make());
    return map.get(name);
  }
}

export const snapshotOf = name => name.replace(/\.bicepparam$/, '.snapshot.json');
