// The checks: each takes the project, and names of files where only some are asked for, and gives its problems. One without problems has passed.
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { snapshotOf } from './project.mjs';
import { parameterRows, parameterTable } from './readme.mjs';
import { refusals } from './refused.mjs';
import { isSetting, readFunctions, readQueues, readSchedules, readSettings } from './settings.mjs';
import { assertions } from './snapshots.mjs';

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const measured = project => ['RegistryMetrics', 'EventMetrics', 'MirrorMetrics'].map(name => project.read(`src/Serverless.Web/Telemetry/${name}.cs`)).join('\n');
const resourcesOf = template => Object.values(template?.resources ?? {});

export async function* check(project) {
  for (const name of [...project.templates(), ...project.parameterFiles()]) yield [`${name} compiles without a warning`, await CHECKS.compiles(project, [name])];
  yield ['every file is formatted', await CHECKS.formatted(project)];
  yield ['every parameter, variable and output has a name in camelCase', await CHECKS.named(project)];
  yield ['what an app cannot start without comes before it', await CHECKS.order(project)];
  yield ['roles come from the list, and each is given to a resource', await CHECKS.roles(project)];
  yield ['no template asks for a key, and secrets are in secure parameters', await CHECKS.noKeys(project)];
  yield ['settings are those of the app', await CHECKS.settings(project)];
  for (const name of project.parameterFiles()) {
    yield [`${name} makes what its snapshot says`, await CHECKS.snapshots(project, [name])];
    yield [`what ${name} makes is safe and whole`, await CHECKS.assertions(project, [name])];
  }
  yield* refusals(project);
  yield ['alerts ask for what is logged', await CHECKS.logged(project)];
  yield ['azuredeploy.json is what main.bicep compiles to', await CHECKS.compiled(project)];
  yield ['the workbook shows every metric of the registry', await CHECKS.workbook(project)];
  yield ['docs/deployment.md lists what azd and the parameter files read', await CHECKS.environment(project)];
  yield ['azure.yaml names what is there', await CHECKS.azureYaml(project)];
  yield ['infra/README.md lists every parameter and resource type', await CHECKS.readme(project)];
  yield ['docs/costs.md says what the calculator says', await CHECKS.costs(project)];
}

export const CHECKS = {
  async compiles(project, names = [...project.templates(), ...project.parameterFiles()]) {
    const problems = new Set();
    for (const name of names) {
      const { diagnostics } = await project.compile(name);
      for (const { source, range, code, message } of diagnostics) problems.add(`${path.relative(project.infra, source)} line ${range.start.line + 1}: ${code} ${message}`);
    }
    return [...problems];
  },

  async formatted(project, names = [...project.templates(), ...project.parameterFiles()]) {
    const problems = [];
    for (const name of names) if ((await project.bicep.format(path.join(project.infra, name))) !== project.text(name)) problems.push(`${name} is not as \`bicep format\` writes it`);
    return problems;
  },

  async named(project) {
    const problems = [];
    for (const name of project.templates()) {
      for (const [, kind, word] of project.text(name).matchAll(/^(param|var|output|resource|module) (\w+)/gm)) {
        // azd reads outputs as environment variables.
        const isVariable = kind === 'output' && name === 'subscription.bicep' && /^[A-Z][A-Z_]*$/.test(word);
        if (!isVariable && !/^[a-z][A-Za-z0-9]*$/.test(word)) problems.push(`${name}: ${word} is not camelCase`);
      }
    }
    return problems;
  },

  async roles(project, names = project.templates()) {
    const roles = project.json('infra/facts/roles.json');
    const problems = [];
    const used = new Set();
    for (const [name, role] of Object.entries(roles)) if (!GUID.test(role.id)) problems.push(`${name} has no id`);
    for (const file of names) {
      if (GUID.test(project.text(file))) problems.push(`${file} has the id of a role in it, which belongs into facts/roles.json`);
      for (const resource of resourcesOf(await project.template(file))) {
        if (resource.type !== 'Microsoft.Authorization/roleAssignments') continue;
        const of = text => /variables\('roles'\)\.(\w+)\.id/.exec(text)?.[1];
        const [named, given] = [of(resource.name), of(/roleDefinitions.*/s.exec(JSON.stringify(resource.properties))?.[0])];
        used.add(given);
        if (!given || named !== given) problems.push(`${file}: a role assignment is named for ${named} and gives ${given}`);
        if (!(given in roles)) problems.push(`${file}: there is no role ${given}`);
        if (!resource.scope) problems.push(`${file}: ${given} has no scope, so it would hold for the whole resource group`);
        if (!resource.name.includes('principalId') && !resource.name.includes('.id')) problems.push(`${file}: the name of ${given} does not depend on whom it is for`);
      }
    }
    if (names.length === project.templates().length) for (const role of Object.keys(roles)) if (!used.has(role)) problems.push(`the role ${role} is not used`);
    return problems;
  },

  async noKeys(project, names = [...project.templates(), ...project.parameterFiles()]) {
    const problems = [];
    for (const name of names) {
      for (const [call] of project.text(name).matchAll(/\blist(Keys|AccountSas|ServiceSas|Secrets)\b|AccountKey=|SharedAccessSignature/g)) problems.push(`${name} has ${call}`);
    }
    for (const name of names.filter(each => each.endsWith('.bicep'))) {
      for (const [parameter, { type }] of Object.entries((await project.template(name))?.parameters ?? {})) {
        if (/secret|password|packageUri/i.test(parameter) && !/^(secure|bool)/.test(type)) problems.push(`${name}: ${parameter} is not secure, so deployments would keep its value`);
      }
    }
    return problems;
  },

  async settings(project) {
    const known = readSettings(project.root);
    const problems = known.scalars.size < 30 ? [`only ${known.scalars.size} settings were found in the source`] : [];
    for (const name of [...project.templates(), ...project.parameterFiles()]) {
      project.text(name).split('\n').forEach((line, i) => {
        for (const [setting] of line.matchAll(/\bRegistry__\w+/g)) if (!isSetting(known, setting)) problems.push(`${name} line ${i + 1}: ${setting} is no setting of the registry`);
      });
    }
    const schedules = readSchedules(project.root);
    if (schedules.length !== 1) problems.push(`${schedules.length} timers were found in the source, and one is expected`);
    const queues = readQueues(project.root);
    if (queues.length !== 1) problems.push(`${queues.length} triggers of queues were found in the source, and one is expected`);
    const functions = readFunctions(project.root);
    for (const [, name] of project.text('modules/functions.bicep').matchAll(/\bAzureWebJobs_([A-Za-z0-9]+)_Disabled\b/g)) if (!functions.includes(name)) problems.push(`no function is called ${name}, which is switched off`);
    for (const name of [...schedules, ...queues]) if (name.includes('__')) problems.push(`the host never finds ${name}, because it turns '__' into ':'`);
    return problems;
  },

  async snapshots(project, names = project.parameterFiles()) {
    const problems = [];
    for (const name of names) {
      const committed = `infra/${snapshotOf(name)}`;
      if (!project.exists(committed)) problems.push(`there is no ${committed}; infra/check.sh --update writes it`);
      else problems.push(...difference(project.read(committed), await project.snapshot(name)).map(line => `${name}: ${line}`));
    }
    return problems;
  },

  async assertions(project, names = project.parameterFiles()) {
    const problems = [];
    const known = readSettings(project.root);
    const source = { isSetting: name => isSetting(known, name), schedules: readSchedules(project.root), queues: readQueues(project.root), framework: /<TargetFramework>net([\d.]+)</.exec(project.read('Directory.Build.props'))[1] };
    for (const name of names) problems.push(...assertions(JSON.parse(await project.snapshot(name)), source).map(problem => `${name}: ${problem}`));
    return problems;
  },

  async logged(project) {
    const alerts = project.text('modules/alerts.bicep');
    const timer = /Name == "(\w+)"/.exec(alerts)?.[1];
    const problems = [];
    const logs = ['Maintenance/CollectTask', 'Events/DeliveryLog'].map(name => project.read(`src/Serverless.Web/${name}.cs`)).join('\n');
    const said = [...alerts.matchAll(/(?:Log|Message) has "([^"]+)"/g)].map(m => m[1]);
    if (said.length < 3) problems.push(`only ${said.length} alerts ask the logs`);
    for (const text of said) if (!logs.includes(text)) problems.push(`nobody logs "${text}"`);
    if (!project.read('src/Serverless.Functions/MaintenanceFunction.cs').includes(`[Function("${timer}")]`)) problems.push(`no function is called ${timer}`);
    return problems;
  },

  async compiled(project) {
    const { contents } = await project.compile('main.bicep');
    return project.exists('infra/azuredeploy.json') && project.text('azuredeploy.json') === `${contents.trimEnd()}\n` ? [] : ['infra/azuredeploy.json is not what main.bicep compiles to; infra/check.sh --update writes it'];
  },

  async workbook(project) {
    const shown = project.json('infra/workbook.json').items.map(item => item.content.query ?? '').join('\n');
    const named = [...shown.matchAll(/'((?:http|registry|process)\.[a-z._]+)'/g)].map(m => m[1]);
    const source = measured(project);
    const metrics = [...source.matchAll(/Meter\.Create\w+(?:<\w+>)?\("([^"]+)"/g)].map(m => m[1]);
    const problems = metrics.length < 8 ? [`only ${metrics.length} metrics were found in the source`] : [];
    for (const metric of metrics) if (!named.includes(metric)) problems.push(`${metric} is not shown`);
    for (const name of named) if (!source.includes(`"${name}"`)) problems.push(`the registry measures no ${name}, and has no such label`);
    return problems;
  },

  async environment(project) {
    const text = project.read('docs/deployment.md');
    const read = new Set(project.parameterFiles().flatMap(name => [...project.text(name).matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(m => m[1])));
    return [...read].filter(name => !text.includes(`\`${name}\``)).map(name => `${name} is not in docs/deployment.md`);
  },

  // What an app cannot start without comes before it.
  async order(project) {
    const problems = [];
    for (const [name, resource] of Object.entries((await project.template('main.bicep')).resources)) {
      const server = resource.properties?.parameters?.imageServer;
      if (server && !JSON.stringify(server).includes("reference('imagePull')")) problems.push(`${name} does not wait until its identity may pull the image`);
      if (resource.properties?.parameters?.hasFrontDoor && !resource.dependsOn.includes('registryEndpoints')) problems.push(`${name} does not wait for the private endpoints`);
    }
    for (const name of project.templates()) if (name.startsWith('modules/') && !project.text('main.bicep').includes(`'${name}'`)) problems.push(`main.bicep does not use ${name}`);
    return problems;
  },

  async azureYaml(project) {
    const text = project.read('azure.yaml');
    const problems = [];
    const module = /^ {2}module: (\S+)$/m.exec(text)?.[1];
    if (!project.exists(`infra/${module}.bicep`)) problems.push(`there is no ${module}.bicep`);
    const service = /^services:\n {2}(\w+):$/m.exec(text)?.[1];
    if (!project.text('modules/functions.bicep').includes(`'azd-service-name': '${service}'`)) problems.push(`no app is tagged as the service ${service}`);
    const folder = /^ {4}project: (\S+)$/m.exec(text)?.[1];
    if (!folder || !project.exists(`${folder}/${path.basename(folder)}.csproj`)) problems.push(`there is no project ${folder}`);
    const passed = [...text.matchAll(/^ {4}- (REGISTRY_\w+)$/gm)].map(m => m[1]);
    const read = [...project.text('subscription.bicepparam').matchAll(/readEnvironmentVariable\('(REGISTRY_\w+)'/g)].map(m => m[1]);
    for (const name of new Set(read)) if (!passed.includes(name)) problems.push(`azd pipeline config does not pass ${name} on`);
    for (const name of passed) if (!read.includes(name)) problems.push(`nobody reads ${name}`);
    return problems;
  },

  async readme(project) {
    const text = project.text('README.md');
    const problems = [];
    const [listed, wanted] = [parameterRows(text).split('\n'), (await parameterTable(project)).split('\n')];
    for (const row of wanted) if (!listed.includes(row)) problems.push(`it must say: ${row}`);
    for (const row of listed) if (!wanted.includes(row)) problems.push(`it must not say: ${row}`);
    const types = new Set(project.templates().flatMap(name => [...project.text(name).matchAll(/^resource \w+ '([^@']+)@[^']*' = /gm)].map(m => m[1])));
    for (const type of types) if (!text.includes(`\`${type}\``)) problems.push(`${type} is not listed`);
    return problems;
  },

  async costs(project) {
    const shown = /<!-- costs\.mjs -->\n([\s\S]*?)<!-- end -->/.exec(project.read('docs/costs.md'))?.[1].trim();
    const computed = execFileSync(process.execPath, [project.path('infra/costs.mjs')], { encoding: 'utf8' }).trim();
    const problems = shown === computed ? [] : ['the tables differ; put in what infra/costs.mjs prints'];
    // The calculator counts as the tests do.
    const counted = project.read('docs/performance.md');
    for (const line of ['manifest by tag, GET or HEAD | 1 table', 'blob HEAD; blob GET up to its redirect | 1 table', 'POST + PATCH + PUT | 5 table, 2 object', 'manifest PUT, config and 3 layers | 5 table', 'a token by name and password | 2 table, 5 once an hour']) {
      if (!counted.includes(line)) problems.push(`docs/performance.md does not say any more: ${line}`);
    }
    return problems;
  },
};

// The first lines in which two texts differ.
function difference(before, now) {
  if (before === now) return [];
  const [old, made] = [before.split('\n'), now.split('\n')];
  const gone = old.filter(line => !made.includes(line)), come = made.filter(line => !old.includes(line));
  return ['it is not what was committed; infra/check.sh --update writes it anew', ...gone.slice(0, 4).map(l => `- ${l.trim()}`), ...come.slice(0, 4).map(l => `+ ${l.trim()}`)];
}
