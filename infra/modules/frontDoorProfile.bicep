metadata name = 'Front Door profile'
metadata description = 'The profile and its endpoint. They come before the app, which must know their names; the route comes after it.'

@description('Name of the profile.')
param name string

@description('Name of the endpoint, which begins its host name.')
param endpointName string

@description('Whether every request is logged.')
param accessLogs bool

@description('Resource id of the workspace that takes the logs.')
param workspaceId string

@description('Tags of the resources.')
param tags object

resource profile 'Microsoft.Cdn/profiles@2025-04-15' = {
  name: name
  location: 'global'
  tags: tags
  sku: {
    name: 'Standard_AzureFrontDoor'
  }
  properties: {
    // The longest that Front Door waits for an answer.
    originResponseTimeoutSeconds: 240
  }
}

// The stable version is older and knows no groups of categories.
#disable-next-line use-recent-api-versions
resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (accessLogs) {
  name: 'logs'
  scope: profile
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-04-15' = {
  parent: profile
  name: endpointName
  location: 'global'
  tags: tags
  properties: {
    enabledState: 'Enabled'
  }
}

@description('Host name of the endpoint.')
output hostName string = endpoint.properties.hostName

@description('What Front Door sends as X-Azure-FDID.')
output frontDoorId string = profile.properties.frontDoorId
