metadata name = 'Serverless container registry'
metadata description = 'A container registry on Azure Functions or Azure Container Apps, its storage, its identity and what watches it.'

@description('Endpoints that are told of events, by name.')
type eventEndpoints = {
  @description('Settings of one, by what stands in their names behind its own, such as Url and Format.')
  *: eventEndpoint
}

@description('Settings of an endpoint.')
type eventEndpoint = {
  @description('The value as an environment variable has it.')
  *: string
}

@description('Begins the names of all resources: lower-case letters and digits, from a letter on.')
@minLength(3)
@maxLength(12)
param name string = 'registry'

@description('Region of all resources.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('Where the registry runs: Azure Functions (Flex Consumption) or Azure Container Apps.')
@allowed([
  'functions'
  'containerApps'
])
param hosting string = 'functions'

@description('How clients sign in. With none, whoever reaches the registry may push and delete.')
@allowed([
  'none'
  'basic'
  'token'
])
param authMode string = 'token'

@description('Further settings of the registry, by the names of their environment variables, such as Registry__Auth__Anonymous__0. They win over those that the template sets.')
param settings object = {}

@description('Like settings, for values that are secret: they are in no history of deployments. No name may be in settings too.')
@secure()
param secretSettings object = {}

@description('Settings whose values are in a key vault: names of environment variables, and of secrets in the vault.')
param keyVaultSettings object = {}

@description('Key vault in the same resource group, with Azure roles, for keyVaultSettings and signingKeyInVault; empty for none.')
param keyVaultName string = ''

@description('Whether the keys that sign tokens are versions of the secret registry-signing-key in the key vault, and not in the tables.')
param signingKeyInVault bool = false

@description('Who is told of pushes and deletions: names of endpoints, lower-case letters and digits, and the settings of each, such as Url and Format. Secret ones come by secretSettings or keyVaultSettings; name the endpoint here nonetheless.')
param events eventEndpoints = {}

@description('Resource id of the Event Grid topic to which an endpoint with the Format EventGrid sends under the identity of the registry; empty for none.')
param eventGridTopicId string = ''

@description('The address that clients use, where something of your own stands before the registry; empty for the one that the template knows.')
param publicUrl string = ''

@description('Object id of whoever works with the operator\'s tool, for instance to make the first user; empty for nobody.')
param operatorPrincipalId string = ''

@description('What the operator is; empty lets Azure find out.')
@allowed([
  ''
  'User'
  'Group'
  'ServicePrincipal'
])
param operatorPrincipalType string = ''

@description('How often and where images are kept. LRS: three times in one place. ZRS: in three zones. GRS and GZRS: in a second region too.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_RAGRS'
  'Standard_GZRS'
  'Standard_RAGZRS'
])
param storageSku string = 'Standard_LRS'

@description('Whether the storage account of the registry is protected from deletion, and with it the resource group.')
param lockStorage bool = false

@description('Whether storage logs each read of a blob, downloads by signed URL included.')
param blobReadLogs bool = false

@description('Days for which deleted blobs can be brought back; 0 switches that off.')
@minValue(0)
@maxValue(365)
param softDeleteDays int = 7

@description('Days without a download after which a layer moves to the cool tier; 0 keeps all in the hot tier.')
@minValue(0)
param coolAfterDays int = 0

@description('Whether downloads go straight to storage by signed URL. Where clients cannot reach storage, the registry must send the bytes itself.')
param redirectDownloads bool = !privateNetworking

@description('Whether storage can be reached by private endpoints only. The registry itself stays public.')
param privateNetworking bool = false

@description('Address range of the virtual network that private networking makes, a /24 or larger.')
param networkAddressPrefix string = '10.80.0.0/24'

@description('Whether Azure Front Door stands before the registry.')
param frontDoor bool = false

@description('Whether Front Door logs each request. The signed states of uploads are in their addresses.')
param frontDoorLogs bool = false

@description('Host name of your own for the registry. Implies Front Door, which gets the certificate; empty for none.')
param customDomain string = ''

@description('Whether the app is spread over availability zones, where the region has them. Container Apps need private networking for it, images a storageSku with ZRS.')
param zoneRedundant bool = false

@description('Functions: whether a container app takes uploads of any size; needs containerImage. Without it bodies pass the Functions host, which holds those with Content-Length.')
param largeUploads bool = hosting == 'functions' && !empty(containerImage)

@description('Functions: address of a package made by infra/package.sh, which Azure fetches and deploys; empty for none.')
@secure()
param packageUri string = ''

@description('Functions: how instances change over to new code or settings. RollingUpdate lets requests end, and is a preview.')
@allowed([
  'Recreate'
  'RollingUpdate'
])
param updateStrategy string = 'RollingUpdate'

@description('Functions: most instances at a time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Functions: memory of an instance in MiB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Functions: instances that are always there, and paid for; 0 lets the registry scale to zero.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Functions: requests at a time for an instance. 0 leaves it to the platform, and with largeUploads takes as many as memory has room for.')
@minValue(0)
@maxValue(1000)
param perInstanceConcurrency int = 0

@description('Functions: the largest body of a request, in bytes. Chunked bodies stream; one with Content-Length is held by the host before the registry sees it, five times over.')
@minValue(1048576)
param requestBodySizeLimit int = largeUploads ? min(67108864, instanceMemoryMB * 102400) : 10737418240

@description('When the registry looks which maintenance is due and does it, as an NCRONTAB expression with seconds, UTC: garbage, uploads left behind, retention, verification. Each look starts an instance.')
param maintenanceSchedule string = '0 7 */3 * * *'

@description('Image made by infra/image.sh: for Container Apps, and for largeUploads.')
param containerImage string = ''

@description('Resource id of the Azure Container Registry from which the image is pulled under the identity of the app; empty when it is public.')
param containerImageRegistryId string = ''

@description('Container Apps and largeUploads: cores of a replica. It gets two GiB of memory for each.')
@allowed([
  '0.25'
  '0.5'
  '0.75'
  '1'
  '1.25'
  '1.5'
  '1.75'
  '2'
])
param containerCpu string = '0.5'

@description('Container Apps and largeUploads: fewest replicas; 0 scales to zero.')
@minValue(0)
param minReplicas int = 0

@description('Container Apps and largeUploads: most replicas.')
@minValue(1)
@maxValue(1000)
param maxReplicas int = 10

@description('Container Apps and largeUploads: requests at a time for a replica before another is started; for largeUploads at most what its memory is for.')
@minValue(1)
param concurrentRequests int = 50

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('GB of logs a day after which no more are taken until the next day; -1 takes all.')
param logDailyQuotaGb int = 1

@description('Who gets a mail when something is wrong; empty makes no alerts.')
param alertEmail string = ''

@description('GB in storage after which a mail is sent.')
@minValue(1)
param capacityAlertGb int = 1000

@description('What a month may cost, in the currency of the subscription, before a mail is sent; 0 makes no budget.')
@minValue(0)
param monthlyBudget int = 0

@description('First day of the month from which the budget counts, as yyyy-MM-01. Pass the same at later deployments: a budget keeps the one that it was made with.')
param budgetStart string = ''

@description('Whether the registry runs on Azure Functions.')
var isFunctions = hosting == 'functions'

@description('Whether Front Door stands before the registry.')
var useFrontDoor = frontDoor || !empty(customDomain)

@description('Whether storage is kept in three zones.')
var isZonal = contains(storageSku, 'ZRS')

@description('Characters of a name.')
var nameCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789'

@description('Characters of a host name.')
var hostCharacters = '${nameCharacters}.-'

@description('Requests at a time for an instance; 0 for what the platform takes.')
var concurrency = perInstanceConcurrency > 0 || !largeUploads ? perInstanceConcurrency : max(1, instanceMemoryMB * 1048576 / 10 / requestBodySizeLimit)

@description('Settings of the endpoints in events, as environment variables.')
var eventSettings = toObject(
  flatten(map(
    items(events),
    endpoint =>
      map(items(endpoint.value), setting => {
        name: 'Registry__Events__${endpoint.key}__${setting.key}'
        value: setting.value
      })
  )),
  setting => setting.name,
  setting => setting.value
)

@description('Whether anybody is told of events. Endpoints whose settings are all secret are seen only if events names them.')
var hasEvents = !empty(events) || !empty(filter(concat(objectKeys(settings), objectKeys(keyVaultSettings)), key => startsWith(key, 'Registry__Events__')))

@description('What settings of events have in their names. A function app takes no hyphens there.')
var eventSettingCharacters = isFunctions ? '${nameCharacters}_' : '${nameCharacters}_-'

@description('Endpoints with names that none can have.')
var unnamedEndpoints = filter(
  objectKeys(events),
  endpoint => empty(endpoint) || !empty(filter(range(0, length(endpoint)), i => !contains(nameCharacters, substring(endpoint, i, 1))))
)

@description('Settings of endpoints that the app cannot have.')
var unnamedEventSettings = filter(
  flatten(map(items(events), endpoint => objectKeys(endpoint.value))),
  key => empty(key) || !empty(filter(range(0, length(key)), i => !contains(eventSettingCharacters, toLower(substring(key, i, 1)))))
)

@description('Settings that are there twice. Secret ones are not looked at: no name may depend on a secret.')
var doubleSettings = intersection(objectKeys(union(eventSettings, settings)), objectKeys(keyVaultSettings))

@description('What cannot be deployed, or would not be what it says.')
var problems = filter(
  [
    empty(filter(range(0, length(name)), i => !contains(nameCharacters, substring(name, i, 1)))) && !contains('0123456789', first(name))
      ? ''
      : 'name must be lower-case letters and digits, from a letter on.'
    !isFunctions && empty(containerImage) ? 'hosting=containerApps needs containerImage: make one with infra/image.sh.' : ''
    largeUploads && isFunctions && empty(containerImage) ? 'largeUploads needs containerImage: make one with infra/image.sh, or set largeUploads to false.' : ''
    largeUploads && !isFunctions ? 'largeUploads is for hosting=functions: container apps take uploads of any size themselves.' : ''
    largeUploads && requestBodySizeLimit * 5 * concurrency > instanceMemoryMB * 524288
      ? 'requestBodySizeLimit x 5 x perInstanceConcurrency must be at most half of instanceMemoryMB: ${requestBodySizeLimit} x 5 x ${concurrency} is more than ${instanceMemoryMB * 524288} bytes.'
      : ''
    empty(containerImageRegistryId) || contains(toLower(containerImageRegistryId), '/providers/microsoft.containerregistry/registries/') && length(split(
        containerImageRegistryId,
        '/'
      )) == 9
      ? ''
      : 'containerImageRegistryId must be the resource id of an Azure Container Registry: az acr show --name NAME --query id.'
    zoneRedundant && !isFunctions && !privateNetworking
      ? 'zoneRedundant with hosting=containerApps needs privateNetworking: only an environment in a network is spread over zones.'
      : ''
    zoneRedundant && !isZonal ? 'zoneRedundant needs a storageSku that is kept in three zones: Standard_ZRS, Standard_GZRS or Standard_RAGZRS.' : ''
    alwaysReadyInstances > maximumInstanceCount ? 'alwaysReadyInstances must be at most maximumInstanceCount.' : ''
    minReplicas > maxReplicas ? 'minReplicas must be at most maxReplicas.' : ''
    empty(customDomain) || contains(customDomain, '.') && empty(filter(
        range(0, length(customDomain)),
        i => !contains(hostCharacters, substring(customDomain, i, 1))
      ))
      ? ''
      : 'customDomain must be a host name in lower case such as registry.example.com, without https:// and without a path.'
    empty(publicUrl) || startsWith(publicUrl, 'https://') && length(split(publicUrl, '/')) == 3
      ? ''
      : 'publicUrl must be https:// and a host name, without a path and without a slash at its end.'
    !empty(publicUrl) && !empty(customDomain) && publicUrl != 'https://${customDomain}'
      ? 'publicUrl and customDomain name different addresses: leave one of them empty.'
      : ''
    frontDoorLogs && !useFrontDoor ? 'frontDoorLogs needs frontDoor or customDomain.' : ''
    length(split(maintenanceSchedule, ' ')) != 6 ? 'maintenanceSchedule must have six fields: second, minute, hour, day, month, day of the week.' : ''
    length(split(networkAddressPrefix, '/')) == 2 && int(last(split(networkAddressPrefix, '/'))) <= 24
      ? ''
      : 'networkAddressPrefix must be a /24 or larger, such as 10.80.0.0/24.'
    !empty(keyVaultSettings) && empty(keyVaultName) ? 'keyVaultSettings needs keyVaultName.' : ''
    signingKeyInVault && empty(keyVaultName) ? 'signingKeyInVault needs keyVaultName.' : ''
    empty(doubleSettings) ? '' : 'Each setting belongs into settings (or events) or keyVaultSettings: ${join(doubleSettings, ', ')} is in both.'
    empty(unnamedEndpoints)
      ? ''
      : 'events must name endpoints by lower-case letters and digits, since their names are part of names of settings: ${join(unnamedEndpoints, ', ')}.'
    empty(unnamedEventSettings)
      ? ''
      : 'events has settings whose names the app cannot have: ${join(unnamedEventSettings, ', ')}. Names are letters, digits and underscores, on Container Apps hyphens too.'
    empty(eventGridTopicId) || contains(toLower(eventGridTopicId), '/providers/microsoft.eventgrid/topics/') && length(split(eventGridTopicId, '/')) == 9
      ? ''
      : 'eventGridTopicId must be the resource id of an Event Grid topic: az eventgrid topic show --resource-group GROUP --name NAME --query id.'
    !empty(eventGridTopicId) && !hasEvents
      ? 'eventGridTopicId needs an endpoint that sends to the topic: give events one with its Url and the Format EventGrid.'
      : ''
    empty(operatorPrincipalId) || length(split(operatorPrincipalId, '-')) == 5 && length(operatorPrincipalId) == 36
      ? ''
      : 'operatorPrincipalId must be an object id, not a name: az ad signed-in-user show --query id.'
    empty(alertEmail) || contains(alertEmail, '@') ? '' : 'alertEmail must be an address with an @.'
    monthlyBudget > 0 && empty(alertEmail) ? 'monthlyBudget needs alertEmail, whom to tell.' : ''
    monthlyBudget == 0 || length(budgetStart) == 10 && endsWith(budgetStart, '-01') ? '' : 'budgetStart must be the first day of a month, as yyyy-MM-01.'
  ],
  problem => !empty(problem)
)

@description('Makes names unique in all of Azure and the same at every deployment into the same resource group. All names have it, so nothing is deployed with a problem.')
var suffix = uniqueString(resourceGroup().id, empty(problems) ? name : fail(join(problems, ' ')))

@description('Name of the app, which the names of most resources end with.')
var appName = '${name}-${suffix}'

@description('Name of the app that takes uploads.')
var uploadsName = '${name}-up-${suffix}'

@description('Name of the storage account of the registry.')
var storageName = take('st${name}${suffix}', 24)

@description('Name of the storage account of the Functions host.')
var hostStorageName = 'sthost${suffix}'

@description('Name of the Front Door profile.')
var frontDoorProfileName = 'afd-${appName}'

@description('Queue of what has events, as the Events function is told by it. Container apps tell of events themselves, without one.')
var eventsQueueName = 'registry-events'

@description('Whether there is that queue.')
var hasEventsQueue = isFunctions && hasEvents

@description('Services of storage that the Functions host needs, and get private endpoints.')
var hostServices = [
  'blob'
  'table'
]

@description('Services of storage that the registry needs.')
var registryServices = hasEventsQueue ? concat(hostServices, ['queue']) : hostServices

@description('Uploads at a time for a replica, by its cores: 40 for each. They share one budget of memory, Uploads:Memory, and wait for one another when it is used up.')
var uploadsAtATime = {
  '0.25': 10
  '0.5': 20
  '0.75': 30
  '1': 40
  '1.25': 50
  '1.5': 60
  '1.75': 70
  '2': 80
}

@description('Whether the address that clients use is known before there is an app.')
var knowsUrl = !empty(publicUrl) || useFrontDoor

@description('That address; empty for that of the app itself.')
var clientUrl = !empty(publicUrl)
  ? publicUrl
  : !empty(customDomain) ? 'https://${customDomain}' : useFrontDoor ? 'https://${frontDoorProfile!.outputs.hostName}' : ''

@description('Behind Front Door uploads are a path of the same host, which every client follows. No repository can have this name.')
var uploadsPath = largeUploads && useFrontDoor ? '/v2/-uploads' : ''

@description('Where uploads are sent: the same for both apps.')
var uploadsUrl = useFrontDoor ? uploadsPath : 'https://${uploadsName}.${containerEnvironment!.outputs.defaultDomain}'

@description('Settings of the registry wherever it runs.')
var commonSettings = union(
  {
    Registry__Storage__AccountName: registryStorage.outputs.name
    Registry__Storage__ClientId: identity.outputs.clientId
    Registry__Auth__Mode: authMode
    Registry__Redirect__Enabled: string(redirectDownloads)
  },
  largeUploads ? { Registry__Uploads__Url: uploadsUrl } : {},
  signingKeyInVault ? { Registry__Auth__Token__KeyVault: vaultAccess!.outputs.address } : {},
  eventSettings,
  settings
)

@description('Settings of the function app. Its own address it knows itself.')
var functionsSettings = union(knowsUrl ? { Registry__PublicUrl: clientUrl } : {}, commonSettings)

@description('Settings of container apps. Their ingress cannot tell this Front Door profile from others, so they can also be reached directly. What stands left of the ingress\'s own entry in X-Forwarded-For could then be written by anybody: only that entry counts.')
var serverSettings = union({ Registry__Auth__Proxies: '1' }, commonSettings)

@description('The address of the registry as a container app.')
var serverUrl = knowsUrl ? clientUrl : 'https://${appName}.${containerEnvironment!.outputs.defaultDomain}'

@description('Resource id of the container registry, or one of its form where there is none: a scope cannot be empty.')
var imageRegistryId = empty(containerImageRegistryId) ? '${resourceGroup().id}/providers/Microsoft.ContainerRegistry/registries/none' : containerImageRegistryId

@description('Resource id of the Event Grid topic, or one of its form where there is none.')
var topicId = empty(eventGridTopicId) ? '${resourceGroup().id}/providers/Microsoft.EventGrid/topics/none' : eventGridTopicId

@description('Addresses of the secrets in the key vault.')
var vaultSettings = mapValues(keyVaultSettings, secret => '${vaultAccess!.outputs.address}secrets/${secret}')

module identity 'modules/identity.bicep' = {
  params: {
    name: 'id-${appName}'
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    name: appName
    location: location
    tags: tags
    // The name of a role assignment depends on whom it is for: one who was made anew under the same name is somebody else.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
  }
}

module registryStorage 'modules/registryStorage.bicep' = {
  params: {
    name: storageName
    location: location
    tags: tags
    skuName: storageSku
    publicAccess: !privateNetworking
    softDeleteDays: softDeleteDays
    coolAfterDays: coolAfterDays
    eventsQueueName: hasEventsQueue ? eventsQueueName : ''
    locked: lockStorage
    readLogs: blobReadLogs
    workspaceId: monitoring.outputs.workspaceId
    // As above.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

module hostStorage 'modules/hostStorage.bicep' = if (isFunctions) {
  params: {
    name: hostStorageName
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    publicAccess: !privateNetworking
    // As above.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  params: {
    name: appName
    location: location
    tags: tags
    addressPrefix: networkAddressPrefix
    zoneServices: registryServices
  }
}

module registryEndpoints 'modules/privateEndpoint.bicep' = [
  for service in registryServices: if (privateNetworking) {
    params: {
      name: 'pe-${storageName}-${service}'
      location: location
      tags: tags
      storageId: registryStorage.outputs.id
      service: service
      subnetId: network!.outputs.endpointSubnetId
    }
  }
]

module hostEndpoints 'modules/privateEndpoint.bicep' = [
  for service in hostServices: if (privateNetworking && isFunctions) {
    params: {
      name: 'pe-${hostStorageName}-${service}'
      location: location
      tags: tags
      storageId: hostStorage!.outputs.id
      service: service
      subnetId: network!.outputs.endpointSubnetId
    }
  }
]

module frontDoorProfile 'modules/frontDoorProfile.bicep' = if (useFrontDoor) {
  params: {
    name: frontDoorProfileName
    endpointName: appName
    tags: tags
    accessLogs: frontDoorLogs
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vaultAccess 'modules/vaultAccess.bicep' = if (!empty(keyVaultName)) {
  params: {
    vaultName: keyVaultName
    // As above.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
  }
}

// Before the apps, which could not start without their image.
module imagePull 'modules/imagePull.bicep' = if (!empty(containerImageRegistryId)) {
  scope: resourceGroup(split(imageRegistryId, '/')[2], split(imageRegistryId, '/')[4])
  params: {
    registryName: last(split(imageRegistryId, '/'))
    // As above.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
  }
}

module eventGridSender 'modules/eventGridSender.bicep' = if (!empty(eventGridTopicId)) {
  scope: resourceGroup(split(topicId, '/')[2], split(topicId, '/')[4])
  params: {
    topicName: last(split(topicId, '/'))
    // As above.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
  }
}

module containerEnvironment 'modules/containerEnvironment.bicep' = if (!isFunctions || largeUploads) {
  params: {
    name: 'cae-${appName}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    subnetId: !privateNetworking ? '' : isFunctions ? network!.outputs.uploadsSubnetId : network!.outputs.appSubnetId
    zoneRedundant: zoneRedundant && privateNetworking
  }
}

module functions 'modules/functions.bicep' = if (isFunctions) {
  params: {
    name: appName
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageName: hostStorage!.outputs.name
    packageContainerUrl: hostStorage!.outputs.packageContainerUrl
    insightsConnectionString: monitoring.outputs.connectionString
    eventsQueueName: eventsQueueName
    eventsQueueServiceUri: registryStorage.outputs.queueServiceUri
    hasEvents: hasEvents
    registrySettings: functionsSettings
    secretSettings: secretSettings
    hasSecretSettings: !empty(secretSettings)
    vaultSettings: vaultSettings
    hasFrontDoor: useFrontDoor
    frontDoorId: useFrontDoor ? frontDoorProfile!.outputs.frontDoorId : ''
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    perInstanceConcurrency: concurrency
    requestBodySizeLimit: requestBodySizeLimit
    maintenanceSchedule: maintenanceSchedule
    updateStrategy: updateStrategy
    zoneRedundant: zoneRedundant
  }
  dependsOn: [
    hostEndpoints
    registryEndpoints
  ]
}

module package 'modules/package.bicep' = if (!empty(packageUri)) {
  params: {
    appName: isFunctions ? appName : fail('packageUri is for hosting=functions; container apps take containerImage.')
    packageUri: packageUri
  }
  dependsOn: [
    functions
  ]
}

// Serves uploads and nothing else, with the same rows, the same objects and the same secret, which is in one of the rows.
module uploads 'modules/containerApp.bicep' = if (largeUploads) {
  params: {
    name: uploadsName
    location: location
    tags: tags
    environmentId: containerEnvironment!.outputs.id
    identityId: identity.outputs.id
    image: containerImage
    imageServer: empty(containerImageRegistryId) ? '' : imagePull!.outputs.server
    settings: union(
      serverSettings,
      {
        Registry__Uploads__Only: 'true'
        // A layer that has come half of its way is worth waiting for: ten minutes, which is what the platform gives at most.
        Registry__Shutdown__Grace: '00:09:55'
        Registry__PublicUrl: knowsUrl ? clientUrl : 'https://${functions!.outputs.hostName}'
      },
      useFrontDoor ? { Registry__Prefix: uploadsPath } : {}
    )
    secretSettings: secretSettings
    hasSecretSettings: !empty(secretSettings)
    vaultSettings: vaultSettings
    cpu: containerCpu
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: min(concurrentRequests, uploadsAtATime[containerCpu])
    graceSeconds: 600
  }
  dependsOn: [
    registryEndpoints
  ]
}

module server 'modules/containerApp.bicep' = if (!isFunctions) {
  params: {
    name: appName
    location: location
    tags: tags
    environmentId: containerEnvironment!.outputs.id
    identityId: identity.outputs.id
    image: containerImage
    imageServer: empty(containerImageRegistryId) ? '' : imagePull!.outputs.server
    settings: union({ Registry__PublicUrl: serverUrl }, serverSettings)
    secretSettings: secretSettings
    hasSecretSettings: !empty(secretSettings)
    vaultSettings: vaultSettings
    cpu: containerCpu
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: concurrentRequests
    // Shutdown:Grace, which is 25 seconds, and five.
    graceSeconds: 30
  }
  dependsOn: [
    registryEndpoints
  ]
}

module maintenanceJob 'modules/maintenanceJob.bicep' = if (!isFunctions) {
  params: {
    name: '${name}-m-${suffix}'
    location: location
    tags: tags
    environmentId: containerEnvironment!.outputs.id
    identityId: identity.outputs.id
    image: containerImage
    imageServer: empty(containerImageRegistryId) ? '' : imagePull!.outputs.server
    settings: union({ Registry__PublicUrl: serverUrl }, serverSettings)
    secretSettings: secretSettings
    hasSecretSettings: !empty(secretSettings)
    vaultSettings: vaultSettings
    cpu: containerCpu
    maintenanceSchedule: maintenanceSchedule
  }
  dependsOn: [
    registryEndpoints
  ]
}

module frontDoorRoute 'modules/frontDoorRoute.bicep' = if (useFrontDoor) {
  params: {
    profileName: frontDoorProfileName
    endpointName: appName
    originHostName: isFunctions ? functions!.outputs.hostName : server!.outputs.hostName
    uploadsHostName: largeUploads ? uploads!.outputs.hostName : ''
    uploadsPath: uploadsPath
    customDomain: customDomain
  }
}

module alerts 'modules/alerts.bicep' = if (!empty(alertEmail)) {
  params: {
    name: appName
    location: location
    tags: tags
    email: alertEmail
    hosting: hosting
    appId: isFunctions ? '' : server!.outputs.id
    storageId: registryStorage.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    capacityGb: capacityAlertGb
    hasEvents: hasEvents
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  params: {
    name: 'budget-${appName}'
    amount: max(monthlyBudget, 1)
    startDate: budgetStart
    email: alertEmail
  }
}

@description('The address that clients use.')
var registryUrl = knowsUrl ? clientUrl : isFunctions ? 'https://${functions!.outputs.hostName}' : serverUrl

@description('What stands before the slash in image names.')
var registryHost = replace(registryUrl, 'https://', '')

@description('What stands before the slash in image names.')
output loginServer string = registryHost

@description('Address of the registry.')
output registryUrl string = registryUrl

@description('Name of the app, to which the package is deployed.')
output appName string = appName

@description('Name of the storage account of the registry, for the operator\'s tool.')
output storageAccountName string = registryStorage.outputs.name

@description('Client id of the identity of the registry.')
output identityClientId string = identity.outputs.clientId

@description('What to point the custom domain at by CNAME; empty without Front Door.')
output frontDoorHostName string = useFrontDoor ? frontDoorProfile!.outputs.hostName : ''

@description('Value of the TXT record _dnsauth before the custom domain; empty without one, and once it has been proved.')
output domainValidationToken string = useFrontDoor ? frontDoorRoute!.outputs.domainValidationToken : ''

@description('How large a layer may be.')
output layers string = !isFunctions
  ? 'Layers of any size.'
  : largeUploads
      ? useFrontDoor
          ? 'Layers up to the 2 GB that Front Door takes in one request; they go to ${uploadsUrl}.'
          : 'Layers of any size: clients that follow are sent to ${uploadsUrl} with them.'
      : 'One host: bodies up to ${requestBodySizeLimit} bytes, and those with Content-Length only as far as ${instanceMemoryMB} MiB of memory go. For layers of any size name a containerImage; see docs/deployment.md.'

@description('Commands to try, once the package is deployed.')
output tryCommands array = [
  'export Registry__Storage__AccountName=${registryStorage.outputs.name}'
  'dotnet run --project src/Serverless.Cli -- scopes set team "team/*:pull,push"'
  'dotnet run --project src/Serverless.Cli -- users add alice --scope team'
  'docker login ${registryHost} -u alice'
  'docker tag debian:12-slim ${registryHost}/team/debian:12'
  'docker push ${registryHost}/team/debian:12'
]
