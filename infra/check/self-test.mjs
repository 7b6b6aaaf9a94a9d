// Breaks a copy of the project in one place at a time and expects one of the checks to say so.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { check } from './rules.mjs';

// what is broken, file, what is replaced, by what, the problem that must be reported
const BREAKS = [
  ['a brace too many', 'infra/modules/identity.bicep', "  tags: tags\n}", "  tags: tags\n}\n}", /line \d+/],
  ['a parameter without description', 'infra/modules/network.bicep', "@description('Region of the network.')\n", '', /location has no description/],
  ['a parameter in snake_case', 'infra/main.bicep', /softDeleteDays/g, 'soft_delete_days', /soft_delete_days is not camelCase/],
  ['a name that is not declared', 'infra/modules/hostStorage.bicep', 'scope: account', 'scope: acount', /acount is not declared/],
  ['a parameter that is not used', 'infra/modules/identity.bicep', 'resource identity', "@description('x')\nparam spare string\n\nresource identity", /spare is not used/],
  ['a function that Bicep does not have', 'infra/main.bicep', 'uniqueString(', 'uniqString(', /uniqString is no function/],
  ['an API version that is not the one of the facts', 'infra/modules/functions.bicep', 'Microsoft.Web/sites@2025-03-01', 'Microsoft.Web/sites@2035-03-01', /2035-03-01 here/],
  ['a resource type that is not there', 'infra/modules/identity.bicep', 'userAssignedIdentities@', 'userIdentities@', /userIdentities is not among the facts/],
  ['a property that is misspelled', 'infra/modules/registryStorage.bicep', 'defaultToOAuthAuthentication', 'defaultToOauthAuthentication', /has no defaultToOauthAuthentication/],
  ['a property deep down that is misspelled', 'infra/modules/containerApps.bicep', 'failureThreshold: 30', 'failureTreshold: 30', /has no failureTreshold/],
  ['a property in a variable that is misspelled', 'infra/modules/functions.bicep', "instanceCount: alwaysReadyInstances", "instances: alwaysReadyInstances", /has no instances/],
  ['a property that Azure would let pass', 'infra/modules/alerts.bicep', 'metricNamespace: rule', 'metricNamspace: rule', /has no metricNamspace/],
  ['a value that the type does not have', 'infra/modules/functions.bicep', "name: 'dotnet-isolated'", "name: 'dotnetIsolated'", /is 'dotnetIsolated', but must be one of/],
  ['a text in place of a number', 'infra/modules/frontDoorRoute.bicep', 'priority: 1\n', "priority: '1'\n", /priority must be a number/],
  ['a required property that is missing', 'infra/modules/monitoring.bicep', "  kind: 'web'\n", '', /insights needs kind/],
  ['a child below the wrong parent', 'infra/modules/registryStorage.bicep', 'parent: tableService', 'parent: blobService', /does not belong below/],
  ['a module that is not there', 'infra/main.bicep', 'modules/alerts.bicep', 'modules/alarms.bicep', /there is no modules\/alarms.bicep/],
  ['a module without a parameter that it needs', 'infra/main.bicep', '    skuName: storageSku\n', '', /registryStorage.bicep needs skuName/],
  ['a module with a parameter that it does not have', 'infra/main.bicep', '    skuName: storageSku\n', '    skuName: storageSku\n    sku: storageSku\n', /has no parameter sku/],
  ['a module with a parameter of another type', 'infra/main.bicep', 'softDeleteDays: softDeleteDays', 'softDeleteDays: storageSku', /softDeleteDays is a int, storageSku a string/],
  ['an output that a module does not have', 'infra/main.bicep', 'identity.outputs.clientId', 'identity.outputs.appId', /identity.bicep has no output appId/],
  ['a parameter file with an unknown parameter', 'infra/small-team.bicepparam', 'param softDeleteDays', 'param softDeletionDays', /has no parameter softDeletionDays/],
  ['a parameter file with a value that is not allowed', 'infra/production.bicepparam', 'Standard_ZRS', 'Premium_ZRS', /storageSku is 'Premium_ZRS'/],
  ['a parameter file with a value out of range', 'infra/production.bicepparam', 'maximumInstanceCount = 200', 'maximumInstanceCount = 2000', /2000, out of its range/],
  ['a parameter file that does not parse', 'infra/small-team.bicepparam', 'param settings = {', 'param settings = [', /line \d+/],
  ['the id of a role in a template', 'infra/modules/hostStorage.bicep', /roles\.storageBlobDataOwner\.id\)\n  scope/, "'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')\n  scope", /has the id of a role/],
  ['a role that is not listed', 'infra/modules/monitoring.bicep', /monitoringMetricsPublisher/g, 'metricsPublisher', /there is no role metricsPublisher/],
  ['a role assignment named for another role', 'infra/modules/hostStorage.bicep', 'principalId, roles.storageTableDataContributor.id)', 'principalId, roles.storageBlobDataOwner.id)', /is named for storageBlobDataOwner/],
  ['a role for the whole resource group', 'infra/modules/registryStorage.bicep', '  scope: container\n', '', /has no scope/],
  ['shared keys', 'infra/modules/registryStorage.bicep', 'allowSharedKeyAccess: false', 'allowSharedKeyAccess: true', /takes shared keys/],
  ['a key in a setting', 'infra/modules/hostStorage.bicep', '= account.id', '= account.listKeys().keys[0].value', /has listKeys/],
  ['a public container', 'infra/modules/registryStorage.bicep', "publicAccess: 'None'", "publicAccess: 'Blob'", /container is public/],
  ['a setting that the registry does not have', 'infra/main.bicep', 'Registry__Redirect__Enabled', 'Registry__Redirects__Enabled', /Registry__Redirects__Enabled is no setting/],
  ['a setting in a parameter file that the registry does not have', 'infra/small-team.bicepparam', 'Registry__Auth__Anonymous__0', 'Registry__Auth__Anonymous', /Registry__Auth__Anonymous is no setting/],
  ['a setting that the source does not read any more', 'src/Serverless.Web/Settings/StorageSettings.cs', '"Storage:ClientId"', '"Storage:Client"', /Registry__Storage__ClientId is no setting/],
  ['a timer without schedule', 'infra/modules/functions.bicep', '  MaintenanceSchedule:', '  MaintenanceSchedules:', /does not set MaintenanceSchedule/],
  ['a timer whose schedule the host does not find', 'src/Serverless.Functions/MaintenanceFunction.cs', '"MaintenanceSchedule"', '"Maintenance__Schedule"', /the host never finds Maintenance__Schedule/],
  ['an authentication mode that is not set', 'infra/main.bicep', '  Registry__Auth__Mode: authMode\n', '  Registry__Auth__Basic__Realm: authMode\n', /does not set Registry__Auth__Mode/],
  ['a service that azd does not find', 'azure.yaml', /^ {2}registry:$/m, '  api:', /tagged as the service api/],
  ['a project that azd does not find', 'azure.yaml', 'src/Serverless.Functions', 'src/Serverless.Function', /there is no project src\/Serverless.Function$/],
  ['a parameter that the README leaves out', 'infra/README.md', /^\| `coolAfterDays` .*\n/m, '', /coolAfterDays is not listed/],
  ['a default that the README has otherwise', 'infra/main.bicep', 'param softDeleteDays int = 7', 'param softDeleteDays int = 8', /softDeleteDays: the default is 8/],
  ['a number of calls that has changed', 'docs/performance.md', '5 table, 2 object', '4 table, 2 object', /does not say any more/],
  ['a call that nobody counted', 'infra/facts/calls.json', '"blobGet": [1, 0]', '"blobGet": [2, 0]', /the tables differ/],
  ['a price that nobody computed', 'docs/costs.md', /\$\d+\.\d\d/, '$0.01', /the tables differ/],
];

export function* selfTest(root) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'infra-check.'));
  try {
    for (const name of ['infra', 'docs', 'azure.yaml', 'src/Serverless.Functions', 'src/Serverless.Web/Settings']) {
      fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true, filter: source => !/\/(bin|obj)$/.test(source) });
    }
    yield ['a copy that is not broken passes', [...check(copy)].flatMap(([, problems]) => problems)];
    for (const [what, file, from, to, expected] of BREAKS) {
      const target = path.join(copy, file);
      const good = fs.readFileSync(target, 'utf8');
      const bad = good.replace(from, to);
      fs.writeFileSync(target, bad);
      const found = bad === good ? [] : [...check(copy)].flatMap(([, problems]) => problems);
      fs.writeFileSync(target, good);
      yield [`broken: ${what}`, bad === good ? ['nothing was replaced'] : found.some(p => expected.test(p)) ? [] : ['it was not noticed', ...found]];
    }
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
}
