metadata name = 'Registry on Azure Functions'
metadata description = 'A Flex Consumption plan with one function app, whose isolated worker is the registry. It scales to zero.'

@description('Name of the function app, the first label of its address.')
param name string

@description('Region of the app.')
param location string

@description('Tags of the app.')
param tags object

@description('Resource id of the identity of the app.')
param identityId string

@description('Client id of the identity of the app.')
param identityClientId string

@description('Name of the storage account of the Functions host.')
param hostStorageName string

@description('Address of the container to which the package is deployed.')
param packageContainerUrl string

@description('Where telemetry is sent to.')
param insightsConnectionString string

@description('Name of the queue of what has events.')
param eventsQueueName string

@description('Address of the queues of the registry.')
param eventsQueueServiceUri string

@description('Whether anybody is told of events.')
param hasEvents bool

@description('Settings of the registry, by the names of its environment variables.')
param registrySettings object

@description('Settings that are secret, by the names of environment variables.')
@secure()
param secretSettings object

@description('Whether there are any.')
param hasSecretSettings bool

@description('Addresses of secrets in a key vault, by the names of environment variables.')
param vaultSettings object

@description('Whether requests are taken from a Front Door profile only.')
param hasFrontDoor bool

@description('That profile, as it names itself.')
param frontDoorId string

@description('Subnet that the app joins; empty for none.')
param subnetId string

@description('Most instances at a time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Memory of an instance in MiB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int

@description('Instances for HTTP that are always there; 0 lets the app scale to zero.')
@minValue(0)
param alwaysReadyInstances int

@description('Requests at a time for an instance; 0 leaves it to the platform.')
@minValue(0)
@maxValue(1000)
param perInstanceConcurrency int

@description('The largest body of a request, in bytes. One with Content-Length is held by the host before the registry sees it.')
param requestBodySizeLimit int

@description('When the registry looks which maintenance is due and does it, as an NCRONTAB expression with seconds, UTC: garbage, uploads left behind, retention, verification. Each look starts an instance.')
param maintenanceSchedule string

@description('How instances change over to new code or settings: all at once, or one after the other.')
@allowed([
  'Recreate'
  'RollingUpdate'
])
param updateStrategy string

@description('Whether instances are spread over availability zones.')
param zoneRedundant bool

@description('Settings that the Functions host and the worker need.')
var ownSettings = {
  AzureWebJobsStorage__accountName: hostStorageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsDisableHomepage: 'true'
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: string(requestBodySizeLimit)
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // By a name without '__', which the host would turn into ':' before it looks for the setting that the timer's function names.
  MaintenanceSchedule: maintenanceSchedule
  EventsQueue: eventsQueueName
  // Those with '__' are of a connection, which the host reads as a section.
  EventsStorage__queueServiceUri: eventsQueueServiceUri
  EventsStorage__credential: 'managedidentity'
  EventsStorage__clientId: identityClientId
}

@description('Without endpoints there is no queue, for which the host would look in vain.')
var eventsOff = hasEvents ? {} : { AzureWebJobs_Events_Disabled: 'true' }

@description('Settings that name a secret in a key vault.')
var vaultReferences = map(items(vaultSettings), setting => {
  name: setting.key
  value: '@Microsoft.KeyVault(SecretUri=${setting.value})'
})

@description('All settings of the app; those of the registry win.')
var appSettings = concat(
  map(items(union(ownSettings, eventsOff, registrySettings)), setting => {
    name: setting.key
    value: setting.value
  }),
  vaultReferences,
  hasSecretSettings
    ? map(items(secretSettings), setting => {
        name: setting.key
        value: setting.value
      })
    : []
)

@description('HTTP functions are one group, which has its own instances.')
var alwaysReady = [
  {
    name: 'http'
    instanceCount: alwaysReadyInstances
  }
]

@description('Lets requests in that come through one Front Door profile.')
var frontDoorRule = [
  {
    name: 'front-door'
    description: 'Only what comes through the Front Door profile of this registry.'
    priority: 100
    action: 'Allow'
    tag: 'ServiceTag'
    ipAddress: 'AzureFrontDoor.Backend'
    headers: {
      'x-azure-fdid': [
        frontDoorId
      ]
    }
  }
]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, {
    'azd-service-name': 'registry'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      // The API has it, the types of this compiler do not.
      #disable-next-line BCP037
      siteUpdateStrategy: {
        type: updateStrategy
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: alwaysReadyInstances > 0 ? alwaysReady : []
        triggers: perInstanceConcurrency > 0
          ? {
              http: {
                perInstanceConcurrency: perInstanceConcurrency
              }
            }
          : null
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      ipSecurityRestrictionsDefaultAction: hasFrontDoor ? 'Deny' : 'Allow'
      ipSecurityRestrictions: hasFrontDoor ? frontDoorRule : []
      appSettings: appSettings
    }
  }
}

// Deployment is by Microsoft Entra as well: no publishing password works.
resource scmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

@description('Resource id of the function app.')
output id string = site.id

@description('Name of the function app.')
output name string = site.name

@description('Host name of the app itself.')
output hostName string = site.properties.defaultHostName
