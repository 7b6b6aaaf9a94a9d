// What must be true of everything that any parameter file makes. The resources are those of a snapshot: evaluated as far as that goes without Azure.

// Least and most characters, and which ones. Some names are unique in all of Azure.
const NAMES = {
  'Microsoft.App/containerApps': /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.App/jobs': /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.App/managedEnvironments': /^[a-zA-Z][a-zA-Z0-9-]{0,58}[a-zA-Z0-9]$/,
  'Microsoft.Cdn/profiles': /^[a-zA-Z0-9][a-zA-Z0-9-]{0,258}[a-zA-Z0-9]$/,
  'Microsoft.Cdn/profiles/afdEndpoints': /^[a-zA-Z0-9][a-zA-Z0-9-]{0,44}[a-zA-Z0-9]$/,
  'Microsoft.Insights/actionGroups': /^[^%&?/:*"<>\\]{1,260}$/,
  'Microsoft.Insights/components': /^[a-zA-Z0-9_.()-]{1,260}$/,
  'Microsoft.Insights/metricAlerts': /^[^%&?/:*"<>{}\\#+]{1,260}$/,
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

const names = list => new Set(list.map(setting => setting.name));
const missing = (given, wanted, say) => wanted.forEach(name => given.has(name) || say(`does not set ${name}`));
const OF_THE_REGISTRY = ['Registry__Storage__AccountName', 'Registry__Storage__ClientId', 'Registry__Auth__Mode', 'Registry__Redirect__Enabled'];

function container({ properties }, say) {
  for (const { image, env } of properties.template.containers) {
    if (!image) say('has no image');
    missing(names(env), [...OF_THE_REGISTRY, 'Registry__PublicUrl', 'Registry__Auth__Proxies', 'urls'], say);
  }
}

const KINDS = {
  'Microsoft.Storage/storageAccounts'({ properties }, say) {
    if (properties.allowSharedKeyAccess !== false) say('takes shared keys');
    if (properties.allowBlobPublicAccess !== false) say('lets containers be public');
    if (!/^TLS1_[23]$/.test(properties.minimumTlsVersion) || !properties.supportsHttpsTrafficOnly) say('takes plain HTTP or old TLS');
  },
  'Microsoft.Storage/storageAccounts/blobServices/containers'({ properties }, say) {
    if (properties.publicAccess !== 'None') say('is public');
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
  'Microsoft.Web/sites'({ name, properties }, say, { resources, source }) {
    if (properties.httpsOnly !== true) say('takes plain HTTP');
    const settings = names(properties.siteConfig.appSettings);
    missing(settings, [...OF_THE_REGISTRY, 'AzureWebJobsStorage__accountName', 'AzureWebJobsStorage__credential', 'AzureWebJobsStorage__clientId', 'AzureWebJobsDisableHomepage', 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT', ...source.schedules], say);
    const { name: worker, version } = properties.functionAppConfig.runtime;
    if (worker !== 'dotnet-isolated' || version !== source.framework) say(`runs ${worker} ${version} and not dotnet-isolated ${source.framework}`);
    const off = resources.filter(r => r.type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies' && r.name.startsWith(`${name}/`) && r.properties.allow === false);
    if (off.length !== 2) say('lets publishing passwords work');
  },
  'Microsoft.App/containerApps': container,
  'Microsoft.App/jobs': container,
};
