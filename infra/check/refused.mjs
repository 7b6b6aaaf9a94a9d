// Parameters that a deployment must refuse, each with what it must say.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// what is wrong, lines of a parameter file for main.bicep, the message
const IMAGE = "param containerImage = 'ghcr.io/example/registry:1'";
const APPS = "param hosting = 'containerApps'";
const REFUSED = [
  ['a name with capitals', ["param name = 'Registry'"], 'name must be lower-case letters and digits, from a letter on.'],
  ['a name with a hyphen', ["param name = 'my-registry'"], 'name must be lower-case letters and digits, from a letter on.'],
  ['a name that begins with a digit', ["param name = '1registry'"], 'name must be lower-case letters and digits, from a letter on.'],
  ['container apps without an image', [APPS], 'hosting=containerApps needs containerImage: make one with infra/image.sh.'],
  ['large uploads without an image', ['param largeUploads = true'], 'largeUploads needs containerImage: make one with infra/image.sh, or set largeUploads to false.'],
  ['large uploads beside container apps', [APPS, IMAGE, 'param largeUploads = true'], 'largeUploads is for hosting=functions'],
  ['bodies that fill the memory', [IMAGE, 'param requestBodySizeLimit = 268435456'], 'requestBodySizeLimit x 5 x perInstanceConcurrency must be at most half of instanceMemoryMB: 268435456 x 5 x 1 is more than 1073741824 bytes.'],
  ['more requests at a time than memory has room for', [IMAGE, 'param perInstanceConcurrency = 4'], '67108864 x 5 x 4 is more than 1073741824 bytes.'],
  ['the name of a container registry in place of its id', [IMAGE, "param containerImageRegistryId = 'example.azurecr.io'"], 'containerImageRegistryId must be the resource id of an Azure Container Registry'],
  ['a package for container apps', [APPS, IMAGE, "param packageUri = 'https://example.com/package.zip'"], 'packageUri is for hosting=functions; container apps take containerImage.'],
  ['zones without a network', [APPS, IMAGE, 'param zoneRedundant = true', "param storageSku = 'Standard_ZRS'"], 'zoneRedundant with hosting=containerApps needs privateNetworking'],
  ['zones with images in one place', ['param zoneRedundant = true'], 'zoneRedundant needs a storageSku that is kept in three zones'],
  ['more instances always than at most', ['param alwaysReadyInstances = 41'], 'alwaysReadyInstances must be at most maximumInstanceCount.'],
  ['more replicas at least than at most', [APPS, IMAGE, 'param minReplicas = 11'], 'minReplicas must be at most maxReplicas.'],
  ['a domain with a scheme', ["param customDomain = 'https://registry.example.com'"], 'customDomain must be a host name in lower case'],
  ['a domain without a dot', ["param customDomain = 'registry'"], 'customDomain must be a host name in lower case'],
  ['an address with a path', ["param publicUrl = 'https://example.com/registry'"], 'publicUrl must be https:// and a host name'],
  ['an address without TLS', ["param publicUrl = 'http://example.com'"], 'publicUrl must be https:// and a host name'],
  ['two addresses', ["param publicUrl = 'https://a.example.com'", "param customDomain = 'b.example.com'"], 'publicUrl and customDomain name different addresses'],
  ['logs of a Front Door that is not there', ['param frontDoorLogs = true'], 'frontDoorLogs needs frontDoor or customDomain.'],
  ['a schedule without seconds', ["param maintenanceSchedule = '7 */3 * * *'"], 'maintenanceSchedule must have six fields'],
  ['a network that is too small', ["param networkAddressPrefix = '10.80.0.0/25'"], 'networkAddressPrefix must be a /24 or larger'],
  ['secrets of no vault', ["param keyVaultSettings = { Registry__Auth__Token__SigningKey: 'key' }"], 'keyVaultSettings needs keyVaultName.'],
  ['a key in no vault', ['param signingKeyInVault = true'], 'signingKeyInVault needs keyVaultName.'],
  ['a setting that is there twice', ["param settings = { Registry__Auth__Token__SigningKey: 'a' }", "param keyVaultName = 'v'", "param keyVaultSettings = { Registry__Auth__Token__SigningKey: 'b' }"], 'Registry__Auth__Token__SigningKey is in both.'],
  ['an endpoint with a name that no setting can have', ["param events = { 'my-ci': { Url: 'https://ci.example.com' } }"], 'events must name endpoints by lower-case letters and digits, since their names are part of names of settings: my-ci.'],
  ['an endpoint with capitals', ["param events = { CI: { Url: 'https://ci.example.com' } }"], 'their names are part of names of settings: CI.'],
  ['a setting of an endpoint that a function app cannot have', ["param events = { ci: { 'Headers__X-Token': 'a' } }"], 'events has settings whose names the app cannot have: Headers__X-Token.'],
  ['a setting of an endpoint that is there twice', ["param events = { ci: { Secret: 'a' } }", "param keyVaultName = 'v'", "param keyVaultSettings = { Registry__Events__ci__Secret: 'b' }"], 'Registry__Events__ci__Secret is in both.'],
  ['the address of a topic in place of its id', ["param events = { ci: {} }", "param eventGridTopicId = 'https://example.westeurope-1.eventgrid.azure.net/api/events'"], 'eventGridTopicId must be the resource id of an Event Grid topic'],
  ['a topic to which nobody sends', ["param eventGridTopicId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/t'"], 'eventGridTopicId needs an endpoint that sends to the topic'],
  ['an operator by name', ["param operatorPrincipalId = 'alice@example.com'"], 'operatorPrincipalId must be an object id, not a name'],
  ['mails to nobody', ["param alertEmail = 'operator'"], 'alertEmail must be an address with an @.'],
  ['a budget that tells nobody', ['param monthlyBudget = 100', "param budgetStart = '2026-12-01'"], 'monthlyBudget needs alertEmail, whom to tell.'],
  ['a budget without a start', ['param monthlyBudget = 100', "param alertEmail = 'a@example.com'"], 'budgetStart must be the first day of a month, as yyyy-MM-01.'],
  ['two problems, both of them told', [APPS, "param name = 'Registry'"], 'from a letter on. hosting=containerApps needs containerImage'],
];

// Environment variables that production cannot do without: read without a default, so that the compiler itself refuses.
const REQUIRED = ['REGISTRY_CUSTOM_DOMAIN', 'REGISTRY_CONTAINER_IMAGE', 'REGISTRY_OPERATOR_ID', 'REGISTRY_ALERT_EMAIL'];

export async function* refusals(project, refused = REFUSED) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'infra-refused.'));
  try {
    const main = path.relative(folder, path.join(project.infra, 'main.bicep'));
    for (const [what, lines, message] of refused) {
      const file = path.join(folder, `${what.replaceAll(/\W+/g, '-')}.bicepparam`);
      fs.writeFileSync(file, [`using '${main}'`, ...lines].join('\n'));
      const said = await project.bicep.snapshot(file).then(() => 'nothing: it was accepted', error => error.message);
      yield [`refused: ${what}`, said.includes(message) ? [] : [`it must say "${message}"`, `it said ${said.slice(0, 400)}`]];
    }
    for (const name of REQUIRED) {
      const file = path.join(folder, 'production.bicepparam');
      fs.writeFileSync(file, project.text('production.bicepparam').replace("'./main.bicep'", `'${main}'`).replace(`'${name}'`, `'NOT_${name}'`));
      const { diagnostics } = await project.bicep.compile(file);
      const said = diagnostics.map(d => d.message).join(' ');
      yield [`refused: production without ${name}`, said.includes(`"NOT_${name}" does not exist`) ? [] : [`it said ${said || 'nothing: it was accepted'}`]];
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
