metadata name = 'Serverless container registry'
metadata description = 'A container registry on Azure Functions or Azure Container Apps, its storage, its identity and what watches it.'

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

@description('Host name of your own for the registry. Implies Front Door, which gets the certificate; empty for none.')
param customDomain string = ''

@description('Whether the app is spread over availability zones, where the region has them. Container Apps need private networking for it.')
param zoneRedundant bool = false

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

@description('Functions: requests at a time for an instance; 0 leaves it to the platform.')
@minValue(0)
@maxValue(1000)
param perInstanceConcurrency int = 0

@description('Functions: the largest body of a request, in bytes. Chunked bodies stream; one with Content-Length is held by the host before the registry sees it. The platform would take 104857600.')
@minValue(1048576)
param requestBodySizeLimit int = 10737418240

@description('When the registry looks which maintenance is due and does it, as an NCRONTAB expression with seconds, UTC: garbage, uploads left behind, retention, verification. Each look starts an instance.')
param maintenanceSchedule string = '0 7 */3 * * *'

@description('Container Apps: image made by infra/image.sh. Needed there, unused with Functions.')
param containerImage string = ''

@description('Container Apps: registry from which the image is pulled under the identity of the app; empty when it is public.')
param containerImageRegistry string = ''

@description('Container Apps: cores of a replica, such as 0.5.')
param containerCpu string = '0.5'

@description('Container Apps: memory of a replica, two GiB for a core.')
param containerMemory string = '1Gi'

@description('Container Apps: fewest replicas; 0 scales to zero.')
@minValue(0)
param minReplicas int = 0

@description('Container Apps: most replicas.')
@minValue(1)
@maxValue(1000)
param maxReplicas int = 10

@description('Container Apps: requests at a time for a replica before another is started.')
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

@description('Makes names unique in all of Azure and the same at every deployment into the same resource group.')
var suffix = uniqueString(resourceGroup().id, name)

@description('Name of the storage account of the registry.')
var storageName = take('st${name}${suffix}', 24)

@description('Name of the storage account of the Functions host.')
var hostStorageName = 'sthost${suffix}'

@description('Name of the app, which the names of most resources end with.')
var appName = '${name}-${suffix}'

@description('Whether the registry runs on Azure Functions.')
var isFunctions = hosting == 'functions'

@description('Whether Front Door stands before the registry.')
var useFrontDoor = frontDoor || !empty(customDomain)

@description('The address that clients use, as far as it is known beforehand; empty for that of the app itself.')
var clientUrl = !empty(publicUrl)
  ? publicUrl
  : !empty(customDomain) ? 'https://${customDomain}' : useFrontDoor ? 'https://${frontDoorProfile!.outputs.hostName}' : ''

@description('Name of the Front Door profile.')
var frontDoorProfileName = 'afd-${appName}'

@description('Services of storage that get private endpoints.')
var zoneServices = [
  'blob'
  'table'
]

@description('Settings of the registry that do not depend on where it runs.')
var registrySettings = union(
  {
    Registry__Storage__AccountName: registryStorage.outputs.name
    Registry__Storage__ClientId: identity.outputs.clientId
    Registry__Auth__Mode: authMode
    Registry__Redirect__Enabled: string(redirectDownloads)
  },
  settings
)

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
    // The name of a role assignment depends on whom it is for: one who was made anew under the same name is somebody else.
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
    publicAccess: !privateNetworking
    // The name of a role assignment depends on whom it is for: one who was made anew under the same name is somebody else.
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
    zoneServices: zoneServices
  }
}

module registryEndpoints 'modules/privateEndpoint.bicep' = [
  for service in zoneServices: if (privateNetworking) {
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
  for service in zoneServices: if (privateNetworking && isFunctions) {
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
    registrySettings: registrySettings
    publicUrl: clientUrl
    frontDoorId: useFrontDoor ? frontDoorProfile!.outputs.frontDoorId : ''
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyInstances: alwaysReadyInstances
    perInstanceConcurrency: perInstanceConcurrency
    requestBodySizeLimit: requestBodySizeLimit
    maintenanceSchedule: maintenanceSchedule
    zoneRedundant: zoneRedundant
  }
  dependsOn: [
    hostEndpoints
    registryEndpoints
  ]
}

module containerApps 'modules/containerApps.bicep' = if (!isFunctions) {
  params: {
    name: appName
    location: location
    tags: tags
    identityId: identity.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    image: containerImage
    imageRegistry: containerImageRegistry
    registrySettings: registrySettings
    publicUrl: clientUrl
    // Its ingress cannot tell this Front Door profile from others, so the app can also be reached directly. What stands left of the ingress's own entry in
    // X-Forwarded-For could then be written by anybody: only that entry counts.
    proxies: 1
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    cpu: containerCpu
    memory: containerMemory
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: concurrentRequests
    maintenanceSchedule: maintenanceSchedule
    zoneRedundant: zoneRedundant
  }
  dependsOn: [
    registryEndpoints
  ]
}

module frontDoorRoute 'modules/frontDoorRoute.bicep' = if (useFrontDoor) {
  params: {
    profileName: frontDoorProfileName
    endpointName: appName
    originHostName: isFunctions ? functions!.outputs.hostName : containerApps!.outputs.hostName
    customDomain: customDomain
  }
}

module alerts 'modules/alerts.bicep' = if (!empty(alertEmail)) {
  params: {
    name: appName
    tags: tags
    email: alertEmail
    hosting: hosting
    appId: isFunctions ? functions!.outputs.id : containerApps!.outputs.id
    storageId: registryStorage.outputs.id
    capacityGb: capacityAlertGb
  }
}

@description('Host name of the app itself.')
var appHostName = isFunctions ? functions!.outputs.hostName : containerApps!.outputs.hostName

@description('The address that clients use.')
var registryUrl = empty(clientUrl) ? 'https://${appHostName}' : clientUrl

@description('What stands before the slash in image names.')
var registryHost = split(replace(registryUrl, 'https://', ''), '/')[0]

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

@description('Value of the TXT record _dnsauth before the custom domain; empty without one.')
output domainValidationToken string = useFrontDoor ? frontDoorRoute!.outputs.domainValidationToken : ''

@description('Commands to try, once the package is deployed.')
output tryCommands array = [
  'export Registry__Storage__AccountName=${registryStorage.outputs.name}'
  'dotnet run --project src/Serverless.Cli -- scopes set team "team/*:pull,push"'
  'dotnet run --project src/Serverless.Cli -- users add alice --scope team'
  'docker login ${registryHost} -u alice'
  'docker tag debian:12-slim ${registryHost}/team/debian:12'
  'docker push ${registryHost}/team/debian:12'
]
