// What must be true of everything that any parameter file makes. The resources are those of a snapshot: evaluated as far as that goes without Azure.

// Least and most characters, and which ones. Some names are unique in all of Azure.
const NAMES = {
  'Microsoft.App/containerApps': /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.App/jobs': /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.App/managedEnvironments': /^[a-zA-Z][a-zA-Z0-9-]{0,58}[a-zA-Z0-9]$/,
  'Microsoft.Cdn/profiles': /^[a-zA-Z0-9][a-zA-Z0-9-]{0,258}[a-zA-Z0-9]$/,
  'Microsoft.Cdn/profiles/afdEndpoints': /^[a-zA-Z0-9][a-zA-Z0-9-]{0,44}[a-zA-Z0-9]$/,
  'Microsoft.Consumption/budgets': /^[a-zA-Z0-9_-]{1,63}$/,
  'Microsoft.Insights/actionGroups': /^[^%&?/:*"<>\\]{1,260}$/,
  'Microsoft.Insights/components': /^[a-zA-Z0-9_.()-]{1,260}$/,
  'Microsoft.Insights/metricAlerts': /^[^%&?/:*"<>{}\\#+]{1,260}$/,
  'Microsoft.Insights/scheduledQueryRules': /^[^%&?/:*"<>{}\\#+]{1,260}$/,
  'Microsoft.ManagedIdentity/userAssignedIdentities': /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$/,
  'Microsoft.Network/privateEndpoints': /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_]$/,
  'Microsoft.Network/virtualNetworks': /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_]$/,
  'Microsoft.OperationalInsights/workspaces': /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
  'Microsoft.Resources/resourceGroups': /^[\w().-]{0,89}[\w()-]$/,
  'Microsoft.Storage/storageAccounts': /^[a-z0-9]{3,24}$/,
  'Microsoft.Web/serverfarms': /^[a-zA-Z0-9-]{1,60}$/,
  'Microsoft.Web/sites': /^[a-zA-Z0-9][a-zA-Z0-9-]{0,41}[a-zA-Z0-9]$/,
};

export function assertions(snapshot, source) {
  const problems = snapshot.diagnostics.map(d => JSON.stringify(d));
  const say = (resource, what) => problems.push(`${resource.type} ${resource.name.slice(0, 60)} ${what}`);
  const resources = snapshot.predictedResources;
  if (resources.length === 0) problems.push('nothing is made');
  const ids = new Set();
  for (const resource of resources) {
    if (ids.has(resource.id)) say(resource, 'is there twice');
    ids.add(resource.id);
    const last = resource.name.split('/').at(-1);
    if (NAMES[resource.type] && !NAMES[resource.type].test(last)) say(resource, 'has a name that Azure does not take');
    KINDS[resource.type]?.(resource, what => say(resource, what), { resources, source });
  }
  return problems;
}

// Where secrets are among them the compiler leaves the whole as an expression.
const names = list => new Set(Array.isArray(list) ? list.map(setting => setting.name) : [...list.matchAll(/'(\w+)'/g)].map(m => m[1]));
const missing = (given, wanted, say) => wanted.forEach(name => given.has(name) || say(`does not set ${name}`));
const OF_THE_REGISTRY = ['Registry__Storage__AccountName', 'Registry__Storage__ClientId', 'Registry__Auth__Mode', 'Registry__Redirect__Enabled'];
const valueIn = (list, name) => (Array.isArray(list) ? list.find(setting => setting.name === name)?.value : new RegExp(`createObject\\('name', '${name}', 'value', '([^']*)'`).exec(list)?.[1]);
const envOf = app => app.properties.template.containers[0].env;
const takesUploads = resource => resource.type === 'Microsoft.App/containerApps' && names(envOf(resource)).has('Registry__Uploads__Only');

const known = (given, { isSetting }, say) => given.forEach(name => !name.startsWith('Registry__') || isSetting(name) || say(`sets ${name}, which is no setting of the registry`));

function container({ properties }, say, { source }) {
  for (const { image, env } of properties.template.containers) {
    if (!image) say('has no image');
    known(names(env), source, say);
    missing(names(env), [...OF_THE_REGISTRY, 'Registry__PublicUrl', 'Registry__Auth__Proxies'], say);
  }
}

// What the app that takes uploads must have in common with the function app, and how much of a body that app may hold.
function uploads(app, say, resources) {
  const site = resources.find(r => r.type === 'Microsoft.Web/sites');
  if (!site) return say('takes uploads for no function app');
  const [settings, env] = [site.properties.siteConfig.appSettings, envOf(app)];
  const url = valueIn(env, 'Registry__Uploads__Url');
  if (!url || valueIn(settings, 'Registry__Uploads__Url') !== url) say('is not where the function app sends uploads');
  if (url?.startsWith('/')) {
    if (valueIn(env, 'Registry__Prefix') !== url) say(`does not have the prefix ${url}`);
    const leads = resources.some(r => r.type === 'Microsoft.Cdn/profiles/afdEndpoints/routes' && r.properties.patternsToMatch.includes(`${url}/*`));
    if (!leads) say(`is not reached at ${url}`);
  } else if (names(env).has('Registry__Prefix')) say('has a prefix of its own');
  if (app.identity.type !== site.identity.type || Object.keys(app.identity.userAssignedIdentities).join() !== Object.keys(site.identity.userAssignedIdentities).join()) say('has another identity');
  const { instanceMemoryMB, triggers } = site.properties.functionAppConfig.scaleAndConcurrency;
  const limit = Number(valueIn(settings, 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'));
  if (!(limit * 5 * (triggers?.http.perInstanceConcurrency ?? 16) <= (instanceMemoryMB * 1048576) / 2)) say(`leaves the function app bodies that fill its memory: ${limit} bytes`);
}

// The function that tells of events has its queue, and the place for what it fails to deal with; or it is off, and there is none.
function events({ properties }, say, resources) {
  const settings = properties.siteConfig.appSettings;
  const queues = resources.filter(r => r.type === 'Microsoft.Storage/storageAccounts/queueServices/queues').map(r => r.name.split('/').at(-1));
  const name = valueIn(settings, 'EventsQueue');
  const isOff = names(settings).has('AzureWebJobs_Events_Disabled');
  const wanted = isOff ? [] : [name, `${name}-poison`];
  if (queues.sort().join() !== wanted.join()) say(`${isOff ? 'tells of no events' : `tells of events by ${wanted.join(' and ')}`}, and there is ${queues.join(' and ') || 'no queue'}`);
  if (isOff && [...names(settings)].some(setting => setting.startsWith('Registry__Events__'))) say('has endpoints, and tells of no events');
}

const KINDS = {
  'Microsoft.Storage/storageAccounts'({ properties, sku }, say, { resources }) {
    if (properties.allowSharedKeyAccess !== false) say('takes shared keys');
    if (properties.allowBlobPublicAccess !== false) say('lets containers be public');
    if (properties.isLocalUserEnabled !== false) say('has local users');
    if (resources.some(r => r.properties?.zoneRedundant) && !sku.name.includes('ZRS')) say('is in one zone, and the app in three');
    if (!/^TLS1_[23]$/.test(properties.minimumTlsVersion) || !properties.supportsHttpsTrafficOnly) say('takes plain HTTP or old TLS');
  },
  'Microsoft.Storage/storageAccounts/blobServices/containers'({ properties }, say) {
    if (properties.publicAccess !== 'None') say('is public');
  },
  'Microsoft.Storage/storageAccounts/queueServices/queues'({ name }, say, { resources }) {
    const [account, , queue] = name.split('/');
    // What an assignment is for stands first in its id.
    const of = new RegExp(`^[^,]*/queues/${queue}(?![\\w-])`);
    if (!resources.some(r => r.type === 'Microsoft.Authorization/roleAssignments' && of.test(r.id))) say('is for nobody');
    const { publicNetworkAccess } = resources.find(r => r.type === 'Microsoft.Storage/storageAccounts' && r.name === account).properties;
    const leads = r => r.type === 'Microsoft.Network/privateEndpoints' && r.name.includes(account) && r.properties.privateLinkServiceConnections[0].properties.groupIds.includes('queue');
    if (publicNetworkAccess === 'Disabled' && !resources.some(leads)) say('cannot be reached');
  },
  'Microsoft.Authorization/roleAssignments'({ id, properties }, say) {
    // The id of an assignment is that of what it is for, then its own.
    if (!/extensionResourceId\('\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/|\/resourceGroups\/[^/]+\/providers\/.*\/providers\/Microsoft\.Authorization/.test(id)) say('is not for one resource');
    if (!properties.description) say('does not say why');
  },
  'Microsoft.OperationalInsights/workspaces'({ properties }, say) {
    if (properties.features.disableLocalAuth !== true) say('takes keys');
  },
  'Microsoft.Insights/components'({ properties }, say) {
    if (properties.DisableLocalAuth !== true) say('takes keys');
  },
  'Microsoft.Web/sites'(site, say, { resources, source }) {
    const { name, properties } = site;
    if (properties.httpsOnly !== true) say('takes plain HTTP');
    const settings = names(properties.siteConfig.appSettings);
    missing(settings, [...OF_THE_REGISTRY, 'AzureWebJobsStorage__accountName', 'AzureWebJobsStorage__credential', 'AzureWebJobsStorage__clientId', 'AzureWebJobsDisableHomepage', 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', ...source.schedules], say);
    missing(settings, ['EventsStorage__queueServiceUri', 'EventsStorage__credential', 'EventsStorage__clientId', ...source.queues], say);
    known(settings, source, say);
    events(site, say, resources);
    const { name: worker, version } = properties.functionAppConfig.runtime;
    if (worker !== 'dotnet-isolated' || version !== source.framework) say(`runs ${worker} ${version} and not dotnet-isolated ${source.framework}`);
    const off = resources.filter(r => r.type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies' && r.name.startsWith(`${name}/`) && r.properties.allow === false);
    if (off.length !== 2) say('lets publishing passwords work');
    const { ipSecurityRestrictionsDefaultAction: others, ipSecurityRestrictions: rules } = properties.siteConfig;
    if (resources.some(r => r.type === 'Microsoft.Cdn/profiles') && (others !== 'Deny' || !rules[0]?.headers['x-azure-fdid'])) say('can be reached past Front Door');
    if (properties.keyVaultReferenceIdentity === undefined) say('has no identity for key vaults');
  },
  'Microsoft.App/containerApps'(app, say, { resources, source }) {
    container(app, say, { source });
    missing(names(envOf(app)), ['urls'], say);
    if (app.properties.template.containers[0].probes.length !== 3) say('lacks a probe');
    if (takesUploads(app)) uploads(app, say, resources);
  },
  'Microsoft.App/jobs': container,
};
