metadata name = 'Storage of the registry'
metadata description = 'The account with the blobs, tables and queues of the registry, and who may use it. No shared keys, no public containers.'

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags object

@description('How often and where the data is kept.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_RAGRS'
  'Standard_GZRS'
  'Standard_RAGZRS'
])
param skuName string

@description('Whether the account can be reached from the internet. Without it, by private endpoints only.')
param publicAccess bool

@description('Days for which deleted blobs and containers can be brought back; 0 switches that off.')
@minValue(0)
@maxValue(365)
param softDeleteDays int

@description('Days without a download after which a layer moves to the cool tier; 0 keeps all in the hot tier.')
@minValue(0)
param coolAfterDays int

@description('Object id of the identity under which the registry works.')
param principalId string

@description('Object id of whoever works with the operator\'s tool; empty for nobody.')
param operatorPrincipalId string

@description('What the operator is; empty lets Azure find out.')
@allowed([
  ''
  'User'
  'Group'
  'ServicePrincipal'
])
param operatorPrincipalType string

@description('Name of the queue of what has events; empty for none.')
param eventsQueueName string

@description('Whether the account is protected from deletion.')
param locked bool

@description('Whether every read of a blob is logged.')
param readLogs bool

@description('Resource id of the workspace that takes the logs.')
param workspaceId string

@description('Ids of roles by name.')
var roles = loadJsonContent('../facts/roles.json')

@description('Container of the blobs.')
var containerName = 'registry'

@description('Tables of the registry.')
var tableNames = [
  'registry'
  'blobs'
  'system'
]

@description('Queues of the registry. The host puts into the second what the function has failed to deal with five times.')
var queueNames = empty(eventsQueueName)
  ? []
  : [
      eventsQueueName
      '${eventsQueueName}-poison'
    ]

@description('The registry itself.')
var registryPrincipal = [
  {
    id: principalId
    type: 'ServicePrincipal'
  }
]

@description('Whoever works with the operator\'s tool.')
var operatorPrincipal = [
  {
    id: operatorPrincipalId
    type: operatorPrincipalType
  }
]

@description('Who gets at the blobs.')
var principals = empty(operatorPrincipalId) ? registryPrincipal : concat(registryPrincipal, operatorPrincipal)

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: skuName
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: account
  name: 'images'
  properties: {
    level: 'CanNotDelete'
    notes: 'All images are in this account. Soft delete does not bring an account back.'
  }
}

// Objects have random names and are never written twice. A version of an object can therefore only be a deleted one, which soft delete keeps already: versioning,
// change feed and point-in-time restore would cost and give nothing.
resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: false
    deleteRetentionPolicy: softDeleteDays > 0
      ? {
          enabled: true
          days: max(softDeleteDays, 1)
          allowPermanentDelete: false
        }
      : {
          enabled: false
        }
    containerDeleteRetentionPolicy: softDeleteDays > 0
      ? {
          enabled: true
          days: max(softDeleteDays, 1)
        }
      : {
          enabled: false
        }
    lastAccessTimeTrackingPolicy: {
      enable: coolAfterDays > 0
    }
  }
}

// The stable version is older. Downloads do not pass through the registry, so only storage knows of them.
#disable-next-line use-recent-api-versions
resource readLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (readLogs) {
  name: 'reads'
  scope: blobService
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
    ]
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobService
  name: containerName
  properties: {
    publicAccess: 'None'
  }
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for tableName in tableNames: {
    parent: tableService
    name: tableName
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = if (!empty(eventsQueueName)) {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [
  for queueName in queueNames: {
    parent: queueService
    name: queueName
  }
]

// Nothing is deleted by age: whether a layer is needed only the tables know, and the garbage collector asks them. Nothing is archived: it could not be pulled.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = if (coolAfterDays > 0) {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'cool-layers'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [
                '${containerName}/data/'
              ]
            }
            actions: {
              baseBlob: {
                tierToCool: {
                  daysAfterLastAccessTimeGreaterThan: coolAfterDays
                }
                enableAutoTierToHotFromCool: true
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [
    blobService
  ]
}

resource blobRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in principals: {
    name: guid(container.id, principal.id, roles.storageBlobDataContributor.id)
    scope: container
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataContributor.id)
      principalId: principal.id
      ...(empty(principal.type) ? {} : { principalType: principal.type })
      description: 'Blobs of the registry, in its container only.'
    }
  }
]

resource registryTableRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (tableName, i) in tableNames: {
    name: guid(tables[i].id, principalId, roles.storageTableDataContributor.id)
    scope: tables[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: 'Rows of the registry, in its tables only.'
    }
  }
]

resource queueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queueName, i) in queueNames: {
    name: guid(queues[i].id, principalId, roles.storageQueueDataContributor.id)
    scope: queues[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataContributor.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: 'Messages that something has events: the registry sends them, the Functions host takes them. In their queues only.'
    }
  }
]

resource operatorTableRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (tableName, i) in tableNames: if (!empty(operatorPrincipalId)) {
    name: guid(tables[i].id, operatorPrincipalId, roles.storageTableDataContributor.id)
    scope: tables[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor.id)
      principalId: operatorPrincipalId
      ...(empty(operatorPrincipalType) ? {} : { principalType: operatorPrincipalType })
      description: 'Rows of the registry, for the operator\'s tool.'
    }
  }
]

// The key with which download URLs are signed belongs to the account; the role reads no data.
resource delegatorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, roles.storageBlobDelegator.id)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDelegator.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Signs download URLs of a few minutes.'
  }
}

@description('Resource id of the account.')
output id string = account.id

@description('Address of the queues of the account.')
output queueServiceUri string = account.properties.primaryEndpoints.queue

@description('Name of the account.')
output name string = account.name
