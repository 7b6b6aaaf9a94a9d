// The checks. Each yields [name, problems]; a check without problems has passed.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { keyOf, literal, parseFile, properties, valueOf, visitNames } from './parser.mjs';
import { fit, fitResource, loadTypes, shapeOfParameter } from './shapes.mjs';
import { isSetting, readSchedules, readSettings } from './settings.mjs';

const FUNCTIONS = new Set(['cidrSubnet', 'concat', 'empty', 'environment', 'guid', 'items', 'join', 'json', 'loadJsonContent', 'map', 'readEnvironmentVariable', 'replace', 'resourceGroup', 'skip', 'split', 'string', 'subscriptionResourceId', 'take', 'union', 'uniqueString']);
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

function walk(node, visit) {
  visit(node);
  node.namedChildren.forEach(c => walk(c, visit));
}

export function* check(root) {
  const infra = path.join(root, 'infra');
  const facts = path.join(infra, 'facts');
  const types = loadTypes(facts);
  const roles = JSON.parse(fs.readFileSync(path.join(facts, 'roles.json'), 'utf8'));
  const files = [infra, path.join(infra, 'modules')].flatMap(folder => fs.readdirSync(folder).filter(f => /\.bicep(param)?$/.test(f)).sort().map(f => path.join(folder, f)));
  const models = new Map(files.map(file => [file, parseFile(file)]));
  const label = file => path.relative(infra, file);
  const templates = [...models.values()].filter(m => !m.isParameters);

  for (const model of models.values()) yield [`${label(model.file)} parses`, model.errors];
  if ([...models.values()].some(m => m.errors.length > 0)) return;

  for (const model of templates) {
    yield [`${label(model.file)} describes every parameter and output, in camelCase`, described(model)];
    yield [`${label(model.file)} uses what it declares, and declares what it uses`, names(model)];
    if (model.resources.size > 0) yield [`${label(model.file)} makes resources that Azure knows, with their properties`, resources(model, types)];
    if (model.modules.size > 0) yield [`${label(model.file)} passes to modules what they ask for`, modules(model, models)];
  }

  for (const model of models.values()) if (model.isParameters) yield [`${label(model.file)} sets parameters that its template has`, parameterFile(model, models)];

  yield ['every fact is used', unused(types, roles, templates)];
  yield ['roles come from the list', roleUses(roles, templates)];
  yield ['no keys: shared-key access, public containers and publishing passwords are off', noKeys(templates)];
  yield ['settings are those of the app', settings(root, models, label)];
  yield ['settings that the app cannot do without are there', required(root, models, infra)];
  yield ['azure.yaml names what is there', azureYaml(root, models, infra)];
  yield ['infra/README.md lists every parameter and resource type', readme(infra, models)];
  yield ['docs/costs.md says what the calculator says', costs(root)];
}

function described(model) {
  const problems = [];
  for (const declaration of [...model.parameters.values(), ...model.outputs.values()]) {
    if (!literal(declaration.decorators.description?.[0])) problems.push(`line ${declaration.at}: ${declaration.name} has no description`);
    // azd reads outputs as environment variables.
    const isVariable = model.outputs.has(declaration.name) && path.basename(model.file) === 'subscription.bicep' && /^[A-Z][A-Z_]*$/.test(declaration.name);
    if (!isVariable && !/^[a-z][A-Za-z0-9]*$/.test(declaration.name)) problems.push(`line ${declaration.at}: ${declaration.name} is not camelCase`);
  }
  for (const declaration of [...model.variables.values(), ...model.resources.values(), ...model.modules.values()]) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(declaration.name)) problems.push(`line ${declaration.at}: ${declaration.name} is not camelCase`);
  }
  return problems;
}

function names(model) {
  const declared = new Map([...model.parameters, ...model.variables, ...model.resources, ...model.modules]);
  const used = new Set();
  const problems = [];
  visitNames(model.root, (node, kind) => {
    if (kind === 'function') {
      if (!FUNCTIONS.has(node.text)) problems.push(`line ${node.startPosition.row + 1}: ${node.text} is no function that is used here`);
    } else if (declared.has(node.text)) used.add(node.text);
    else problems.push(`line ${node.startPosition.row + 1}: ${node.text} is not declared`);
  });
  for (const { name, at } of [...model.parameters.values(), ...model.variables.values()]) if (!used.has(name)) problems.push(`line ${at}: ${name} is not used`);
  return problems;
}

function resources(model, types) {
  const problems = [];
  for (const resource of model.resources.values()) {
    const type = types.get(resource.type);
    if (!type) problems.push(`line ${resource.at}: ${resource.type} is not among the facts`);
    else if (type.apiVersion !== resource.version) problems.push(`line ${resource.at}: ${resource.type} is ${resource.version} here and ${type.apiVersion} in the facts`);
    else if (!resource.existing) problems.push(...fitResource(type, resource, model));
    const parent = resource.body && properties(resource.body).find(p => keyOf(p) === 'parent');
    const parentType = parent && model.resources.get(valueOf(parent).text.replace(/\[.*/, ''))?.type;
    const nested = resource.type.split('/').length > 2;
    if (nested && !parentType) problems.push(`line ${resource.at}: ${resource.name} has no parent`);
    else if (parentType && parentType !== resource.type.slice(0, resource.type.lastIndexOf('/'))) problems.push(`line ${resource.at}: ${resource.name} does not belong below ${parentType}`);
  }
  return problems;
}

function modules(model, models) {
  const problems = [];
  const targets = new Map();
  for (const module of model.modules.values()) {
    const target = models.get(path.resolve(path.dirname(model.file), module.path));
    if (!target) {
      problems.push(`line ${module.at}: there is no ${module.path}`);
      continue;
    }
    targets.set(module.name, target);
    problems.push(...passed(module.passed ? properties(module.passed).map(p => [keyOf(p), valueOf(p)]) : [], target, model, module.at));
  }
  // NAME.outputs.X, NAME!.outputs.X
  walk(model.root, node => {
    if (node.type !== 'member_expression') return;
    const [object, output] = [node.childForFieldName('object'), node.childForFieldName('property')?.text];
    if (object?.type !== 'member_expression' || object.childForFieldName('property')?.text !== 'outputs') return;
    const target = targets.get(object.childForFieldName('object').text.replace(/!$/, ''));
    if (target && !target.outputs.has(output)) problems.push(`line ${node.startPosition.row + 1}: ${path.basename(target.file)} has no output ${output}`);
  });
  return problems;
}

function passed(values, target, model, at) {
  const problems = [];
  const given = new Set();
  for (const [name, value] of values) {
    given.add(name);
    const parameter = target.parameters.get(name);
    const line = value.startPosition.row + 1;
    if (!parameter) {
      problems.push(`line ${line}: ${path.basename(target.file)} has no parameter ${name}`);
      continue;
    }
    fit(shapeOfParameter(parameter), value, model, name, problems);
    const source = value.type === 'identifier' && model.parameters.get(value.text);
    if (source && source.type !== parameter.type) problems.push(`line ${line}: ${name} is a ${parameter.type}, ${value.text} a ${source.type}`);
    if (value.type === 'number') {
      const [least, most] = ['minValue', 'maxValue'].map(d => parameter.decorators[d]?.[0] && Number(parameter.decorators[d][0].text));
      if (Number(value.text) < (least ?? -Infinity) || Number(value.text) > (most ?? Infinity)) problems.push(`line ${line}: ${name} is ${value.text}, out of its range`);
    }
  }
  for (const parameter of target.parameters.values()) {
    if (!parameter.value && !given.has(parameter.name)) problems.push(`line ${at}: ${path.basename(target.file)} needs ${parameter.name}`);
  }
  return problems;
}

function parameterFile(model, models) {
  const target = model.using && models.get(path.resolve(path.dirname(model.file), model.using));
  if (!target) return [`there is no ${model.using}`];
  return passed([...model.variables.values()].map(v => [v.name, v.value]), target, model, 1);
}

function unused(types, roles, templates) {
  const problems = [];
  const used = new Set(templates.flatMap(m => [...m.resources.values()].map(r => r.type)));
  for (const type of types.keys()) if (!used.has(type)) problems.push(`${type} is not used`);
  const text = templates.map(m => m.text).join('\n');
  for (const role of Object.keys(roles)) if (!text.includes(`roles.${role}.`)) problems.push(`${role} is not used`);
  return problems;
}

function roleUses(roles, templates) {
  const problems = [];
  for (const [name, role] of Object.entries(roles)) if (!GUID.test(role.id)) problems.push(`${name} has no id`);
  for (const model of templates) {
    const file = path.basename(model.file);
    if (GUID.test(model.text)) problems.push(`${file} has the id of a role in it, which belongs into facts/roles.json`);
    for (const [, name] of model.text.matchAll(/\broles\.(\w+)\.id/g)) if (!(name in roles)) problems.push(`${file}: there is no role ${name}`);
    for (const resource of model.resources.values()) {
      if (resource.type !== 'Microsoft.Authorization/roleAssignments') continue;
      const [name, id] = [/roles\.(\w+)\.id\)/.exec(resource.body.text)?.[1], /roleDefinitions', roles\.(\w+)\.id\)/.exec(resource.body.text)?.[1]];
      if (!id || name !== id) problems.push(`${file} line ${resource.at}: ${resource.name} is named for ${name} and gives ${id}`);
      if (!properties(resource.body).some(p => keyOf(p) === 'scope')) problems.push(`${file} line ${resource.at}: ${resource.name} has no scope, so it would hold for the whole resource group`);
    }
  }
  return problems;
}

function noKeys(templates) {
  const problems = [];
  for (const model of templates) {
    const file = path.basename(model.file);
    for (const [call] of model.text.matchAll(/\blist(Keys|AccountSas|ServiceSas|Secrets)\b|AccountKey=|@secure\(/g)) problems.push(`${file} has ${call}`);
    for (const resource of model.resources.values()) {
      if (resource.existing) continue;
      const has = (pattern, what) => pattern.test(resource.body.text) || problems.push(`${file} line ${resource.at}: ${resource.name} ${what}`);
      if (resource.type === 'Microsoft.Storage/storageAccounts') {
        has(/\ballowSharedKeyAccess: false\b/, 'takes shared keys');
        has(/\ballowBlobPublicAccess: false\b/, 'lets containers be public');
        has(/\bminimumTlsVersion: 'TLS1_[23]'/, 'takes old TLS');
      }
      if (resource.type === 'Microsoft.Storage/storageAccounts/blobServices/containers') has(/\bpublicAccess: 'None'/, 'is public');
      if (resource.type === 'Microsoft.Web/sites') {
        has(/\bhttpsOnly: true\b/, 'takes plain HTTP');
        const off = [...model.resources.values()].filter(r => r.type.endsWith('/basicPublishingCredentialsPolicies') && /\ballow: false\b/.test(r.body.text));
        if (off.length !== 2) problems.push(`${file}: publishing passwords work`);
      }
    }
  }
  return problems;
}

// [name, line] of everything that looks like a setting of the registry.
function settingsIn(model) {
  const found = [];
  walk(model.root, node => {
    if (node.type === 'object_property' && keyOf(node).startsWith('Registry__')) found.push([keyOf(node), node.startPosition.row + 1]);
  });
  return found;
}

function settings(root, models, label) {
  const known = readSettings(root);
  const problems = known.scalars.size < 30 ? [`only ${known.scalars.size} settings were found in the source`] : [];
  for (const model of models.values()) for (const [name, line] of settingsIn(model)) if (!isSetting(known, name)) problems.push(`${label(model.file)} line ${line}: ${name} is no setting of the registry`);
  return problems;
}

function required(root, models, infra) {
  const problems = [];
  const of = file => {
    const names = new Set();
    walk(models.get(path.join(infra, file)).root, node => node.type === 'object_property' && names.add(keyOf(node)));
    return names;
  };
  const shared = of('main.bicep');
  const wanted = {
    'modules/functions.bicep': ['Registry__PublicUrl', 'AzureWebJobsStorage__accountName', 'AzureWebJobsStorage__credential', 'AzureWebJobsStorage__clientId', 'AzureWebJobsDisableHomepage', 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', ...readSchedules(root)],
    'modules/containerApps.bicep': ['Registry__PublicUrl', 'Registry__Auth__Proxies', 'urls'],
  };
  const schedules = readSchedules(root);
  if (schedules.length !== 1) problems.push(`${schedules.length} timers were found in the source, and one is expected`);
  for (const name of schedules) if (name.includes('__')) problems.push(`the host never finds ${name}, because it turns '__' into ':'`);
  for (const [file, names] of Object.entries(wanted)) for (const name of names) if (!of(file).has(name)) problems.push(`${file} does not set ${name}`);
  for (const name of ['Registry__Storage__AccountName', 'Registry__Storage__ClientId', 'Registry__Auth__Mode']) if (!shared.has(name)) problems.push(`main.bicep does not set ${name}`);
  return problems;
}

function azureYaml(root, models, infra) {
  const text = fs.readFileSync(path.join(root, 'azure.yaml'), 'utf8');
  const problems = [];
  const module = /^ {2}module: (\S+)$/m.exec(text)?.[1];
  if (!models.has(path.join(infra, `${module}.bicep`))) problems.push(`there is no ${module}.bicep`);
  const service = /^services:\n {2}(\w+):$/m.exec(text)?.[1];
  if (!models.get(path.join(infra, 'modules/functions.bicep')).text.includes(`'azd-service-name': '${service}'`)) problems.push(`no app is tagged as the service ${service}`);
  const project = /^ {4}project: (\S+)$/m.exec(text)?.[1];
  if (!project || !fs.existsSync(path.join(root, project, `${path.basename(project)}.csproj`))) problems.push(`there is no project ${project}`);
  return problems;
}

function readme(infra, models) {
  const text = fs.readFileSync(path.join(infra, 'README.md'), 'utf8');
  const problems = [];
  const section = /^## Parameters$([\s\S]*?)^## /m.exec(text)?.[1] ?? '';
  const listed = new Map([...section.matchAll(/^\| `(\w+)` \| (.*?) ?\| (.*) \|$/gm)].map(m => [m[1], m]));
  const parameters = models.get(path.join(infra, 'main.bicep')).parameters;
  for (const [name, parameter] of parameters) {
    const [, , otherwise, description] = listed.get(name) ?? [];
    const value = literal(parameter.value) ?? parameter.value.text;
    if (description === undefined) problems.push(`${name} is not listed`);
    else if (otherwise !== (value && `\`${value}\``)) problems.push(`${name}: the default is ${value || 'empty'}, not ${otherwise || 'empty'}`);
    else if (!description.startsWith(literal(parameter.decorators.description[0]))) problems.push(`${name} is described otherwise`);
  }
  for (const name of listed.keys()) if (!parameters.has(name)) problems.push(`${name} is no parameter`);
  const types = new Set([...models.values()].flatMap(m => [...m.resources.values()].map(r => r.type)));
  for (const type of types) if (!text.includes(`\`${type}\``)) problems.push(`${type} is not listed`);
  return problems;
}

function costs(root) {
  const text = fs.readFileSync(path.join(root, 'docs/costs.md'), 'utf8');
  const shown = /<!-- costs\.mjs -->\n([\s\S]*?)<!-- end -->/.exec(text)?.[1].trim();
  const computed = execFileSync(process.execPath, [path.join(root, 'infra/costs.mjs')], { encoding: 'utf8' }).trim();
  const problems = shown === computed ? [] : ['the tables differ; put in what infra/costs.mjs prints'];
  // The calculator counts as the tests do.
  const counted = fs.readFileSync(path.join(root, 'docs/performance.md'), 'utf8');
  for (const line of ['manifest by tag, GET or HEAD | 1 table', 'blob HEAD; blob GET up to its redirect | 1 table', 'POST + PATCH + PUT | 5 table, 2 object', 'manifest PUT, config and 3 layers | 5 table', 'a token by name and password | 2 table, 5 once an hour']) {
    if (!counted.includes(line)) problems.push(`docs/performance.md does not say any more: ${line}`);
  }
  return problems;
}
